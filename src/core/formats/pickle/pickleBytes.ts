import { concatBytes } from '../../bytes/concatBytes';
import { encodeUtf8 } from '../../bytes/utf8';
import { op } from './opcodes';

/**
 * Bytes of pickle expressions. None of them names anything in the memo, so they can stand anywhere; the opcodes are
 * those of protocol 2 and older, which every reader of PyTorch files knows (torch's own `weights_only` one reads no
 * others).
 */
export function pickleText(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  const head = new Uint8Array(5);
  head[0] = op.BINUNICODE;
  new DataView(head.buffer).setUint32(1, bytes.length, true);
  return concatBytes([head, bytes]);
}

/** An integer, non-negative and exact. */
export function pickleInt(value: number): Uint8Array {
  if (value < 2 ** 8) return Uint8Array.of(op.BININT1, value);
  if (value < 2 ** 16) return Uint8Array.of(op.BININT2, value & 0xff, value >> 8);
  const view = new DataView(new ArrayBuffer(value < 2 ** 31 ? 5 : 10));
  if (value < 2 ** 31) {
    view.setUint8(0, op.BININT);
    view.setInt32(1, value, true);
  } else {
    view.setUint8(0, op.LONG1);
    view.setUint8(1, 8);
    view.setBigInt64(2, BigInt(value), true);
  }
  return new Uint8Array(view.buffer);
}

/** True or false. Before protocol 2 they were numbers in disguise. */
export function pickleBool(value: boolean, protocol: number): Uint8Array {
  if (protocol < 2) return encodeUtf8(value ? 'I01\n' : 'I00\n');
  return Uint8Array.of(value ? op.NEWTRUE : op.NEWFALSE);
}

export const pickleNone = Uint8Array.of(op.NONE);

export function pickleTuple(...items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 0) return Uint8Array.of(op.EMPTY_TUPLE);
  return concatBytes([Uint8Array.of(op.MARK), ...items, Uint8Array.of(op.TUPLE)]);
}

export function pickleList(...items: readonly Uint8Array[]): Uint8Array {
  const head = Uint8Array.of(op.EMPTY_LIST, op.MARK);
  return concatBytes([head, ...items, Uint8Array.of(op.APPENDS)]);
}

/** A class or function by name. */
export function pickleGlobal(module: string, name: string): Uint8Array {
  return encodeUtf8(`c${module}\n${name}\n`);
}

/** The result of calling `callee` with the arguments. */
export function pickleCall(callee: Uint8Array, ...args: readonly Uint8Array[]): Uint8Array {
  return concatBytes([callee, pickleTuple(...args), Uint8Array.of(op.REDUCE)]);
}

/** An object outside of the pickle. */
export function picklePersistent(id: Uint8Array): Uint8Array {
  return concatBytes([id, Uint8Array.of(op.BINPERSID)]);
}

/** Puts the object on top of the stack into the memo. */
export function memoPut(index: number): Uint8Array {
  if (index < 2 ** 8) return Uint8Array.of(op.BINPUT, index);
  const bytes = new Uint8Array(5);
  bytes[0] = op.LONG_BINPUT;
  new DataView(bytes.buffer).setUint32(1, index, true);
  return bytes;
}
