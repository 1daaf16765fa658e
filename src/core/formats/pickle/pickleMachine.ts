import { PickleFault } from './pickleFault';
import { PickleOps, type PickleDefinition } from './pickleOps';
import { pairEntries } from './pairEntries';
import { entriesFrom, PickleStack, type Slot } from './pickleStack';
import {
  asNode,
  type PickleDict,
  type PickleEntry,
  type PickleGlobal,
  type PickleNode,
  type PicklePersistent,
  type PickleSequence,
  type PickleValue,
} from './pickleValue';

/** The operation that loads a persistent id, and the object it stands for. */
export interface PersistentLoad {
  readonly operation: number;
  readonly object: PicklePersistent;
}

/**
 * Memory the description of a model may take. The objects of a network with ten thousand tensors and its optimizer
 * need a third of it; a pickle that was built to exhaust memory stops here.
 */
const MEMORY_BUDGET_BYTES = 64 * 1024 * 1024;
const OPERATION_COST = 9;
const NODE_COST = 112;
const ITEM_COST = 16;
const PLACE_COST = 8;
/** Room for more that a list gets with its first item. */
const FILLED_LIST_COST = 200;
const ENTRY_COST = 88;
const PAIR_COST = 64;
const DEFINITION_COST = 120;

/** Memo indexes count objects, so a larger one is no honest index. */
const MAX_MEMO_INDEX = 2 ** 31 - 1;

interface MemoEntry {
  readonly value: PickleValue;
  /** The operation that set it. */
  readonly put: number;
}

/** Carries out pickle operations on plain data. One method an operation, none of which calls into the data. */
export class PickleMachine {
  private readonly ops: PickleOps;
  private readonly stack = new PickleStack();
  private readonly memo = new Map<number, MemoEntry>();
  private readonly persistentLoads: PersistentLoad[] = [];
  private readonly globals = new Set<string>();
  private operation = -1;
  private spentBytes = 0;

  constructor(start: number) {
    this.ops = new PickleOps(start);
  }

  /** Starts the next operation; its opcode lies `offset` bytes into the pickle. */
  begin(code: number, offset: number): void {
    this.spend(OPERATION_COST);
    this.operation = this.ops.count;
    this.ops.push(code, offset);
  }

  /** The object that STOP returns. */
  finish(): {
    readonly root: PickleValue;
    readonly ops: PickleOps;
    readonly persistent: readonly PersistentLoad[];
    readonly globals: ReadonlySet<string>;
  } {
    const root = this.stack.pop().value;
    return { root, ops: this.ops, persistent: this.persistentLoads, globals: this.globals };
  }

  /** Returns true, so that a reader can say it has dealt with the operation. */
  push(value: PickleValue): true {
    if (typeof value === 'string') this.spend(ITEM_COST + 2 * value.length);
    else if (typeof value === 'object' && value !== null) this.spend(NODE_COST);
    this.stack.push(value, this.operation, this.operation);
    return true;
  }

  mark(): void {
    this.stack.mark(this.operation);
  }

  drop(): void {
    this.stack.drop();
  }

  dropToMark(): void {
    this.stack.popToMark();
  }

  duplicate(): void {
    this.pushAgain(this.stack.top().value);
  }

  get(index: number): void {
    const entry = this.memo.get(index);
    if (entry === undefined) {
      throw new PickleFault(`the pickle reads memo ${index}, which was never set`);
    }
    this.ops.setPut(this.operation, entry.put);
    this.pushAgain(entry.value);
  }

  put(index: number): void {
    if (!(index <= MAX_MEMO_INDEX)) {
      throw new PickleFault(`memo index ${index} is above ${MAX_MEMO_INDEX}`);
    }
    this.spend(DEFINITION_COST);
    const slot = this.stack.top();
    const definition: PickleDefinition = {
      memo: index,
      first: slot.first,
      end: this.operation + 1,
      previous: slot.definition,
    };
    slot.definition = definition;
    this.ops.definitions.set(this.operation, definition);
    this.memo.set(index, { value: slot.value, put: this.operation });
    this.touch();
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  tuple(count: number): void {
    const slots = Array.from({ length: count }, () => this.stack.pop()).reverse();
    this.replace(sequence('tuple', slots), slots[0]?.first);
  }

  pushSequence(kind: PickleSequence['kind']): void {
    this.replace(sequence(kind, []), undefined);
  }

  sequenceFromMark(kind: PickleSequence['kind']): void {
    const { slots, operation } = this.stack.popToMark();
    const node = sequence(kind, slots);
    this.spend(ITEM_COST * slots.length + PLACE_COST * node.places.length);
    this.replace(node, operation);
  }

  pushDict(): void {
    this.replace({ kind: 'dict', entries: [] }, undefined);
  }

  dictFromMark(): void {
    const { slots, operation } = this.stack.popToMark();
    this.spend((ENTRY_COST * slots.length) / 2);
    const dict: PickleDict = {
      kind: 'dict',
      entries: entriesFrom(slots, this.operation, false),
    };
    this.replace(dict, operation);
  }

  append(): void {
    this.addItems([this.stack.pop()]);
  }

  appendFromMark(): void {
    this.addItems(this.stack.popToMark().slots);
  }

  setItem(): void {
    const value = this.stack.pop();
    const key = this.stack.pop();
    this.addEntries([key, value], this.operation + 1, true);
  }

  setItemsFromMark(): void {
    this.addEntries(this.stack.popToMark().slots, this.operation, false);
  }

  pushGlobal(module: string, name: string): void {
    this.spend(2 * (module.length + name.length));
    this.replace(this.global(module, name), undefined);
  }

  stackGlobal(): void {
    const name = this.stack.pop();
    const module = this.stack.pop();
    if (typeof name.value !== 'string' || typeof module.value !== 'string') {
      throw new PickleFault('the pickle names a class by something that is no text');
    }
    this.replace(this.global(module.value, name.value), module.first);
  }

  instance(module: string, name: string): void {
    const { slots, operation } = this.stack.popToMark();
    this.pushCall(this.global(module, name), valuesOf(slots), operation);
  }

  objectFromMark(): void {
    const { slots, operation } = this.stack.popToMark();
    const [callee, ...args] = slots;
    if (callee === undefined) throw new PickleFault('the pickle makes an object of no class');
    this.pushCall(callee.value, valuesOf(args), operation);
  }

  /** REDUCE and NEWOBJ have one slot of arguments; NEWOBJ_EX has two. */
  call(argumentSlots: number): void {
    const slots = Array.from({ length: argumentSlots }, () => this.stack.pop()).reverse();
    const callee = this.stack.pop();
    const args = valuesOf(slots);
    const [only] = args;
    const node = asNode(only);
    const isPlain = argumentSlots === 1 && node?.kind === 'tuple';
    const own = isPlain ? node.items : args;
    const entries = pairEntries(callee.value, own, slots[0]?.first ?? this.operation, this.ops);
    this.spend((ENTRY_COST + PAIR_COST) * (entries?.length ?? 0));
    this.pushCall(callee.value, entries === null ? own : [], callee.first, entries ?? []);
  }

  build(): void {
    const state = this.stack.pop().value;
    const object = asNode(this.stack.top().value);
    if (object?.kind === 'call') object.state = state;
    this.touch();
  }

  persistent(id: string): void {
    this.loadPersistent(id, undefined);
  }

  persistentFromStack(): void {
    const slot = this.stack.pop();
    this.loadPersistent(slot.value, slot.first);
  }

  /** The operation worked on the top slot and belongs to its expression. */
  touch(): void {
    this.stack.top().end = this.operation + 1;
  }

  private global(module: string, name: string): PickleGlobal {
    this.globals.add(`${module}.${name}`);
    return { kind: 'global', module, name };
  }

  private loadPersistent(id: PickleValue, first: number | undefined): void {
    const object = { kind: 'persistent', id } as const;
    this.persistentLoads.push({ operation: this.operation, object });
    this.replace(object, first);
  }

  private pushCall(
    callee: PickleValue,
    args: readonly PickleValue[],
    first: number,
    entries: PickleEntry[] = [],
  ): void {
    const { operation } = this;
    this.spend(NODE_COST + ITEM_COST * args.length);
    const rest = { items: [], entries, state: null };
    this.replace({ kind: 'call', callee, first, operation, args, ...rest }, first);
  }

  /** Pushes a value that is in memory already. */
  private pushAgain(value: PickleValue): void {
    this.stack.push(value, this.operation, this.operation);
  }

  /** Pushes a node whose expression starts at `first`, or at this operation. */
  private replace(node: PickleNode, first: number | undefined): void {
    this.spend(NODE_COST);
    this.stack.push(node, first ?? this.operation, this.operation);
  }

  private addItems(slots: readonly Slot[]): void {
    this.spend((ITEM_COST + 2 * PLACE_COST) * slots.length);
    const container = asNode(this.stack.top().value);
    this.touch();
    if (container === null || !('items' in container)) return;
    for (const { value } of slots) container.items.push(value);
    if (!('places' in container)) return;
    if (container.places.length > 0) {
      for (const { first, end } of slots) container.places.push(first, end);
    } else {
      this.spend(FILLED_LIST_COST);
      container.places = placesOf(slots);
    }
  }

  private addEntries(slots: readonly Slot[], end: number, isSingle: boolean): void {
    this.spend((ENTRY_COST * slots.length) / 2);
    const container = asNode(this.stack.top().value);
    this.touch();
    if (container === null || !('entries' in container)) return;
    for (const entry of entriesFrom(slots, end, isSingle)) container.entries.push(entry);
  }

  private spend(bytes: number): void {
    this.spentBytes += bytes;
    if (this.spentBytes > MEMORY_BUDGET_BYTES) {
      throw new PickleFault(
        `the pickle describes more than fits in ${MEMORY_BUDGET_BYTES / 2 ** 20} MiB of memory`,
      );
    }
  }
}

/** Shared by all sequences without places, so that they cost nothing there; nobody adds to it. */
const NO_PLACES: number[] = [];

function sequence(kind: PickleSequence['kind'], slots: readonly Slot[]): PickleSequence {
  const isPlaced = slots.length > 0 && (kind !== 'tuple' || slots.length === 2);
  return { kind, items: valuesOf(slots), places: isPlaced ? placesOf(slots) : NO_PLACES };
}

function placesOf(slots: readonly Slot[]): number[] {
  return slots.length === 0 ? NO_PLACES : slots.flatMap(({ first, end }) => [first, end]);
}

function valuesOf(slots: readonly Slot[]): PickleValue[] {
  return slots.map(({ value }) => value);
}
