import type { ByteSource } from '../../bytes/byteSource';
import { ModelFormatError } from '../../errors';
import { op } from './opcodes';
import { PickleCursor } from './pickleCursor';
import { PickleFault } from './pickleFault';
import { PickleMachine, type PersistentLoad } from './pickleMachine';
import type { PickleOps } from './pickleOps';
import type { PickleValue } from './pickleValue';
import {
  readBlob,
  readFloatLine,
  readIntLine,
  readLong,
  readStringLine,
  readText,
  readUnicodeLine,
} from './readScalar';

/** A pickle as data, with every operation's place in the file. */
export interface PickleDocument {
  readonly source: ByteSource;
  /** Bytes [start, end) of the source. */
  readonly start: number;
  readonly end: number;
  readonly protocol: number;
  readonly root: PickleValue;
  readonly ops: PickleOps;
  /** Persistent ids in order, with the operation that loads each. */
  readonly persistent: readonly PersistentLoad[];
  /** Every class and function the pickle names, as `module.name`. */
  readonly globals: ReadonlySet<string>;
}

const MAX_PROTOCOL = 5;
/** Pickles describe tensors, some hundred bytes each; what is larger than this is no description. */
const MAX_PICKLE_BYTES = 2 ** 31;

/**
 * Reads the pickle at `start`, protocols 0 to 5, up to its STOP. Time and memory are bounded by the number of
 * operations, and that by a budget; nothing is imported or called, and nothing recurses.
 * @throws ModelFormatError when the pickle is cut off, takes from an empty stack, reads a name that was never set,
 * holds an unknown opcode, or describes more objects than a model has.
 */
export function readPickle(source: ByteSource, start: number, end: number): PickleDocument {
  const limit = Math.min(end, start + MAX_PICKLE_BYTES);
  const cursor = new PickleCursor(source, start, limit);
  const machine = new PickleMachine(start);
  let protocol = 0;
  for (;;) {
    const at = cursor.at;
    const code = cursor.uint8();
    try {
      machine.begin(code, at - start);
      if (code === op.STOP) {
        return { source, start, end: cursor.at, protocol, ...machine.finish() };
      }
      if (code === op.PROTO) protocol = readProtocol(cursor);
      else if (!readScalarOp(machine, cursor, code)) readObjectOp(machine, cursor, code);
    } catch (cause) {
      if (!(cause instanceof PickleFault)) throw cause;
      throw new ModelFormatError(cause.message, at, { cause });
    }
  }
}

function readProtocol(cursor: PickleCursor): number {
  const protocol = cursor.uint8();
  if (protocol > MAX_PROTOCOL) {
    throw new PickleFault(`pickle protocol ${protocol} is above ${MAX_PROTOCOL}`);
  }
  return protocol;
}

/** Operations that push a value read from the stream. Returns false for any other. */
function readScalarOp(machine: PickleMachine, cursor: PickleCursor, code: number): boolean {
  switch (code) {
    case op.NONE:
      return machine.push(null);
    case op.NEWTRUE:
      return machine.push(true);
    case op.NEWFALSE:
      return machine.push(false);
    case op.INT:
    case op.LONG:
      return machine.push(readIntLine(cursor));
    case op.BININT:
      return machine.push(cursor.int32());
    case op.BININT1:
      return machine.push(cursor.uint8());
    case op.BININT2:
      return machine.push(cursor.uint16());
    case op.LONG1:
      return machine.push(readLong(cursor, cursor.uint8()));
    case op.LONG4:
      return machine.push(readLong(cursor, cursor.uint32()));
    case op.FLOAT:
      return machine.push(readFloatLine(cursor));
    case op.BINFLOAT:
      return machine.push(cursor.float64());
    case op.STRING:
      return machine.push(readStringLine(cursor));
    case op.UNICODE:
      return machine.push(readUnicodeLine(cursor));
    // Python 2 wrote its texts as byte strings; PyTorch reads them as UTF-8.
    case op.SHORT_BINSTRING:
    case op.SHORT_BINUNICODE:
      return machine.push(readText(cursor, cursor.uint8()));
    case op.BINSTRING:
    case op.BINUNICODE:
      return machine.push(readText(cursor, cursor.uint32()));
    case op.BINUNICODE8:
      return machine.push(readText(cursor, cursor.length64()));
    case op.SHORT_BINBYTES:
      return machine.push(readBlob(cursor, cursor.uint8()));
    case op.BINBYTES:
      return machine.push(readBlob(cursor, cursor.uint32()));
    case op.BINBYTES8:
    case op.BYTEARRAY8:
      return machine.push(readBlob(cursor, cursor.length64()));
    case op.NEXT_BUFFER:
      return machine.push({ kind: 'persistent', id: null });
    default:
      return false;
  }
}

/** Operations on the stack, the memo and objects. */
function readObjectOp(machine: PickleMachine, cursor: PickleCursor, code: number): void {
  switch (code) {
    case op.FRAME:
      cursor.length64();
      return;
    case op.MARK:
      machine.mark();
      return;
    case op.POP:
      machine.drop();
      return;
    case op.POP_MARK:
      machine.dropToMark();
      return;
    case op.DUP:
      machine.duplicate();
      return;
    case op.GET:
      machine.get(memoIndex(cursor.line()));
      return;
    case op.BINGET:
      machine.get(cursor.uint8());
      return;
    case op.LONG_BINGET:
      machine.get(cursor.uint32());
      return;
    case op.PUT:
      machine.put(memoIndex(cursor.line()));
      return;
    case op.BINPUT:
      machine.put(cursor.uint8());
      return;
    case op.LONG_BINPUT:
      machine.put(cursor.uint32());
      return;
    case op.MEMOIZE:
      machine.memoize();
      return;
    case op.EMPTY_TUPLE:
      machine.tuple(0);
      return;
    case op.TUPLE1:
      machine.tuple(1);
      return;
    case op.TUPLE2:
      machine.tuple(2);
      return;
    case op.TUPLE3:
      machine.tuple(3);
      return;
    case op.TUPLE:
      machine.sequenceFromMark('tuple');
      return;
    case op.LIST:
      machine.sequenceFromMark('list');
      return;
    case op.FROZENSET:
      machine.sequenceFromMark('set');
      return;
    case op.EMPTY_LIST:
      machine.pushSequence('list');
      return;
    case op.EMPTY_SET:
      machine.pushSequence('set');
      return;
    case op.EMPTY_DICT:
      machine.pushDict();
      return;
    case op.DICT:
      machine.dictFromMark();
      return;
    case op.APPEND:
      machine.append();
      return;
    case op.APPENDS:
    case op.ADDITEMS:
      machine.appendFromMark();
      return;
    case op.SETITEM:
      machine.setItem();
      return;
    case op.SETITEMS:
      machine.setItemsFromMark();
      return;
    case op.GLOBAL:
      machine.pushGlobal(cursor.line(), cursor.line());
      return;
    case op.STACK_GLOBAL:
      machine.stackGlobal();
      return;
    case op.EXT1:
      machine.pushGlobal('copyreg extension', String(cursor.uint8()));
      return;
    case op.EXT2:
      machine.pushGlobal('copyreg extension', String(cursor.uint16()));
      return;
    case op.EXT4:
      machine.pushGlobal('copyreg extension', String(cursor.uint32()));
      return;
    case op.INST:
      machine.instance(cursor.line(), cursor.line());
      return;
    case op.OBJ:
      machine.objectFromMark();
      return;
    case op.REDUCE:
    case op.NEWOBJ:
      machine.call(1);
      return;
    case op.NEWOBJ_EX:
      machine.call(2);
      return;
    case op.BUILD:
      machine.build();
      return;
    case op.PERSID:
      machine.persistent(cursor.line());
      return;
    case op.BINPERSID:
      machine.persistentFromStack();
      return;
    case op.READONLY_BUFFER:
      machine.touch();
      return;
    default:
      throw new PickleFault(`0x${code.toString(16)} is no pickle opcode`);
  }
}

function memoIndex(line: string): number {
  const index = Number(line);
  return Number.isSafeInteger(index) && index >= 0 ? index : NaN;
}
