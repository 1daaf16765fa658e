import { op } from './opcodes';
import type { PickleOps } from './pickleOps';
import { asNode, isDictClass, type PickleEntry, type PickleValue } from './pickleValue';

/**
 * The entries of a dict that is made by calling its class with a list of pairs, as Python 2.7 pickles an OrderedDict
 * (`collections.OrderedDict.__reduce__`): each pair is a list there. Null for any other call, and where a part of the
 * list was made for something else, in front of `start`, the first operation of the arguments: an edit of such an
 * entry would change more than this dict.
 */
export function pairEntries(
  callee: PickleValue,
  args: readonly PickleValue[],
  start: number,
  ops: PickleOps,
): PickleEntry[] | null {
  const list = args.length === 1 && isDictClass(callee) ? asNode(args[0]) : null;
  if (list?.kind !== 'list') return null;
  const entries: PickleEntry[] = [];
  for (const [idx, item] of list.items.entries()) {
    const [first = 0, end = 0] = list.places.slice(2 * idx, 2 * idx + 2);
    const entry = first < start ? null : pairEntry(item, first, end, ops);
    if (entry === null) return null;
    entries.push(entry);
  }
  return entries;
}

/** The entry that a pair of operations [first, end) stands for. */
function pairEntry(
  value: PickleValue,
  first: number,
  end: number,
  ops: PickleOps,
): PickleEntry | null {
  const pair = asNode(value);
  if ((pair?.kind !== 'list' && pair?.kind !== 'tuple') || pair.items.length !== 2) return null;
  const [key = null, content = null] = pair.items;
  const [keyFirst = 0, keyEnd = 0, valueFirst = 0, valueEnd = 0] = pair.places;
  if (keyFirst < first) return null;
  const isSingle = ops.code(end) === op.APPEND;
  return {
    key,
    value: content,
    first,
    valueFirst,
    end: isSingle ? end + 1 : end,
    isSingle,
    pair: { kind: pair.kind, keyFirst, keyEnd, valueEnd },
  };
}
