import { constantOf, type ProgramValue } from '../graph/programValue';

/** What operators on numbers, texts, truth values and lists give when their arguments are known. */
type Plain = string | number | boolean | null;

const binary: Readonly<Record<string, (a: Plain, b: Plain) => Plain | undefined>> = {
  add: (a, b) =>
    typeof a === 'string' && typeof b === 'string'
      ? joinTexts(a, b)
      : onNumbers(a, b, (x, y) => x + y),
  sub: (a, b) => onNumbers(a, b, (x, y) => x - y),
  mul: (a, b) => onNumbers(a, b, (x, y) => x * y),
  div: (a, b) => onNumbers(a, b, (x, y) => x / y),
  floordiv: (a, b) => onNumbers(a, b, (x, y) => Math.floor(x / y)),
  remainder: (a, b) => onNumbers(a, b, (x, y) => x - y * Math.floor(x / y)),
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => compare(a, b, (order) => order < 0),
  le: (a, b) => compare(a, b, (order) => order <= 0),
  gt: (a, b) => compare(a, b, (order) => order > 0),
  ge: (a, b) => compare(a, b, (order) => order >= 0),
  __is__: (a, b) => a === b,
  __isnot__: (a, b) => a !== b,
  __and__: (a, b) => (typeof a === 'boolean' && typeof b === 'boolean' ? a && b : undefined),
  __or__: (a, b) => (typeof a === 'boolean' && typeof b === 'boolean' ? a || b : undefined),
};

const unary: Readonly<Record<string, (a: Plain) => Plain | undefined>> = {
  __not__: (a) => !a,
  neg: (a) => (typeof a === 'number' ? -a : undefined),
  Bool: (a) => Boolean(a),
  bool: (a) => Boolean(a),
  Int: (a) => (typeof a === 'number' || typeof a === 'boolean' ? Math.trunc(Number(a)) : undefined),
  int: (a) => (typeof a === 'number' || typeof a === 'boolean' ? Math.trunc(Number(a)) : undefined),
  Float: (a) => (typeof a === 'number' || typeof a === 'string' ? Number(a) : undefined),
  float: (a) => (typeof a === 'number' || typeof a === 'string' ? Number(a) : undefined),
};

/** Texts are messages and modes, lists hold the layers' outputs; what grows beyond these is not followed. */
const MAX_TEXT = 10_000;
const MAX_ITEMS = 10_000;

/** Infix operators by the names under which TorchScript calls them. */
export const infixNames: ReadonlyMap<string, string> = new Map([
  ['+', 'add'],
  ['-', 'sub'],
  ['*', 'mul'],
  ['/', 'div'],
  ['//', 'floordiv'],
  ['%', 'remainder'],
  ['==', 'eq'],
  ['!=', 'ne'],
  ['<', 'lt'],
  ['<=', 'le'],
  ['>', 'gt'],
  ['>=', 'ge'],
  ['is', '__is__'],
  ['is not', '__isnot__'],
  ['and', '__and__'],
  ['or', '__or__'],
  ['unary not', '__not__'],
  ['unary -', 'neg'],
]);

/** Computes an operator whose arguments are known; null when it is none of these or they are not. */
export function computeConstant(name: string, args: readonly ProgramValue[]): ProgramValue | null {
  const [first, second] = args;
  if (first === undefined) return null;
  const isTest = name === '__is__' || name === '__isnot__';
  if (isTest && second !== undefined) return compareIdentity(name, first, second);
  if (first.kind === 'list') return onList(name, first, args.slice(1));
  if (first.kind === 'dict') return onDict(name, first, args.slice(1));
  const a = constantOf(first);
  const b = constantOf(second);
  if (a === undefined) return null;
  const result =
    second === undefined
      ? own(unary, name)?.(a)
      : b === undefined
        ? undefined
        : own(binary, name)?.(a, b);
  return result === undefined ? null : { kind: 'constant', value: result };
}

/** A table's own entry; names come from the file, and `constructor` is one. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** A tensor, a list or a dict is never None. */
function compareIdentity(name: string, a: ProgramValue, b: ProgramValue): ProgramValue | null {
  if (a.kind === 'unknown' || b.kind === 'unknown') return null;
  const areSame = a.kind === 'constant' && b.kind === 'constant' ? a.value === b.value : a === b;
  return { kind: 'constant', value: name === '__is__' ? areSame : !areSame };
}

function onList(
  name: string,
  list: ProgramValue & { kind: 'list' },
  rest: readonly ProgramValue[],
): ProgramValue | null {
  const [second, third] = rest;
  const index = constantOf(second);
  switch (name) {
    case 'len':
      return { kind: 'constant', value: list.items.length };
    case 'append':
      if (second !== undefined) list.items.push(second);
      return list;
    case 'extend':
    case 'add_':
      if (second?.kind !== 'list') return null;
      if (list.items.length + second.items.length > MAX_ITEMS) return null;
      for (const item of second.items.slice()) list.items.push(item);
      return list;
    case 'add':
      if (second?.kind !== 'list') return null;
      if (list.items.length + second.items.length > MAX_ITEMS) return null;
      return { kind: 'list', items: [...list.items, ...second.items] };
    case 'list':
    case 'copy':
      return { kind: 'list', items: [...list.items] };
    case 'slice': {
      const end = constantOf(third) ?? list.items.length;
      const start = index ?? 0;
      if (typeof start !== 'number' || typeof end !== 'number') return null;
      return { kind: 'list', items: list.items.slice(start, end) };
    }
    case 'select':
    case '__getitem__':
      return typeof index === 'number' ? (list.items.at(index) ?? null) : null;
    case '_set_item':
      if (typeof index !== 'number' || third === undefined) return null;
      list.items[index < 0 ? index + list.items.length : index] = third;
      return list;
    default:
      return null;
  }
}

function onDict(
  name: string,
  { entries }: ProgramValue & { kind: 'dict' },
  [key, value]: readonly ProgramValue[],
): ProgramValue | null {
  const known = constantOf(key);
  switch (name) {
    case 'len':
      return { kind: 'constant', value: entries.size };
    case '_set_item':
      if (known === undefined || value === undefined) return null;
      entries.set(known, value);
      return value;
    case '__contains__':
      return known === undefined ? null : { kind: 'constant', value: entries.has(known) };
    case '__getitem__':
      return known === undefined ? null : (entries.get(known) ?? null);
    case 'values':
      return { kind: 'list', items: [...entries.values()] };
    case 'items':
      return {
        kind: 'list',
        items: [...entries].map(([name, item]) => ({
          kind: 'list',
          items: [{ kind: 'constant', value: name }, item],
        })),
      };
    default:
      return null;
  }
}

function joinTexts(a: string, b: string): Plain | undefined {
  return a.length + b.length > MAX_TEXT ? undefined : a + b;
}

function onNumbers(
  a: Plain,
  b: Plain,
  compute: (a: number, b: number) => number,
): Plain | undefined {
  return typeof a === 'number' && typeof b === 'number' ? compute(a, b) : undefined;
}

function compare(a: Plain, b: Plain, test: (order: number) => boolean): Plain | undefined {
  if (typeof a === 'number' && typeof b === 'number') return test(a - b);
  if (typeof a === 'string' && typeof b === 'string') return test(a < b ? -1 : a > b ? 1 : 0);
  return undefined;
}
