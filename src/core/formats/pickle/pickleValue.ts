/**
 * What a pickle describes, as plain data: nothing is imported, called or built. An object of an unknown class is a
 * `call` node that nobody looks into. Nodes may hold one another in cycles, so a walk must remember where it was.
 */
export type PickleValue = null | boolean | number | bigint | string | PickleNode;

export type PickleNode =
  PickleBlob | PickleSequence | PickleDict | PickleGlobal | PickleCall | PicklePersistent;

/** Bytes, or a text or number too long to be of interest; they stay in the file. */
export interface PickleBlob {
  readonly kind: 'blob';
  readonly offset: number;
  readonly length: number;
}

export interface PickleSequence {
  readonly kind: 'list' | 'tuple' | 'set';
  readonly items: PickleValue[];
  /** First operation of each item, and the one after it, by turns. Of tuples, only pairs keep them. */
  places: number[];
}

export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: PickleEntry[];
}

/** A class or function by name. */
export interface PickleGlobal {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
}

/** An object that Python would make by calling `callee`: REDUCE, NEWOBJ, NEWOBJ_EX, INST or OBJ. */
export interface PickleCall {
  readonly kind: 'call';
  readonly callee: PickleValue;
  /** Operations that make the bare object, as numbers: the first of its expression, and the call itself. */
  readonly first: number;
  readonly operation: number;
  /** Without the list of pairs that a dict class was called with: those are entries. */
  readonly args: readonly PickleValue[];
  /** List items and dict entries added to the object. */
  readonly items: PickleValue[];
  readonly entries: PickleEntry[];
  /** What BUILD gave to the object: as a rule its attributes, in a dict. */
  state: PickleValue;
}

/** An object that lives outside of the pickle, such as a tensor's storage. */
export interface PicklePersistent {
  readonly kind: 'persistent';
  readonly id: PickleValue;
}

/** An entry of a dict, with the operations that wrote it. */
export interface PickleEntry {
  readonly key: PickleValue;
  readonly value: PickleValue;
  /** First operation of the entry, first of the value, and the one after the entry. */
  readonly first: number;
  readonly valueFirst: number;
  readonly end: number;
  /** Added alone by SETITEM or APPEND, which is the entry's last operation then, and not among others. */
  readonly isSingle: boolean;
  /** Of an entry that is an item of a list of pairs; null where key and value stand by themselves. */
  readonly pair: PickledPair | null;
}

/** What holds an entry's key and value, and where they lie in it. */
export interface PickledPair {
  readonly kind: 'list' | 'tuple';
  /** First operation of the key, and those after the key and after the value. */
  readonly keyFirst: number;
  readonly keyEnd: number;
  readonly valueEnd: number;
}

/** The node behind a value; null for a plain value. */
export function asNode(value: PickleValue | undefined): PickleNode | null {
  return typeof value === 'object' ? value : null;
}

/** Whether the value is the class or function `module.name`. */
export function isGlobal(value: PickleValue, module: string, name: string): boolean {
  const node = asNode(value);
  return node?.kind === 'global' && node.module === module && node.name === name;
}

/** Entries of a dict, or of an object that behaves like one (OrderedDict, defaultdict); null for anything else. */
export function entriesOf(value: PickleValue | undefined): readonly PickleEntry[] | null {
  const node = asNode(value);
  if (node?.kind === 'dict') return node.entries;
  return node?.kind === 'call' && (node.entries.length > 0 || isDictClass(node.callee))
    ? node.entries
    : null;
}

/** Items of a list, tuple or set; null for anything else. */
export function itemsOf(value: PickleValue | undefined): readonly PickleValue[] | null {
  const node = asNode(value);
  return node?.kind === 'list' || node?.kind === 'tuple' || node?.kind === 'set'
    ? node.items
    : null;
}

/** The last value under `key`; undefined when there is none. */
export function entryOf(
  entries: readonly PickleEntry[] | null,
  key: string,
): PickleEntry | undefined {
  return entries?.findLast((entry) => entry.key === key);
}

/** Whether calling the class makes a dict. */
export function isDictClass(callee: PickleValue): boolean {
  return (
    isGlobal(callee, 'collections', 'OrderedDict') ||
    isGlobal(callee, 'collections', 'defaultdict') ||
    isGlobal(callee, 'builtins', 'dict') ||
    isGlobal(callee, '__builtin__', 'dict')
  );
}
