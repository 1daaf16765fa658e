import { RequestError } from '../errors';
import type { Pair, Pairing } from '../model/pair';
import { reason } from '../model/reason';
import { isOverridable } from '../pairing/reasonKinds';

/** What the user wants folded. Each entry is an id, or several with commas between; an id may hold commas itself. */
export interface Selection {
  /** Ids to fold and nothing else; null: every fusable pair. */
  readonly only: readonly string[] | null;
  /** Ids to leave; they win over `only`. */
  readonly skip: readonly string[];
}

/** Every pair of the model, in one of the two lists, in the model's order. */
export interface SelectedPairs {
  readonly folded: readonly Pair[];
  /** Pairs that stay as they are, with the reasons. */
  readonly left: readonly Pair[];
}

/**
 * Divides the pairs into those to fold and those to leave. A pair named in `only` is folded although the policy
 * skips it or although it is unproved, but never where folding is known to change the result.
 * @throws RequestError `UNKNOWN_ID` for a name that is no pair's id.
 */
export function selectPairs(pairing: Pairing, selection: Selection): SelectedPairs {
  const ids = new Set(pairing.pairs.map(({ id }) => id));
  const known = (entries: readonly string[]): ReadonlySet<string> =>
    new Set(entries.flatMap((entry) => splitIds(entry, ids, pairing.pairs)));
  const only = selection.only && known(selection.only);
  const skip = known(selection.skip);
  const decided = pairing.pairs.map((pair) => {
    if (skip.has(pair.id)) return leave(pair);
    if (only === null) return pair;
    return only.has(pair.id) ? force(pair) : leave(pair);
  });
  const chained = leaveBehindLeft(decided);
  return {
    folded: chained.filter((pair) => pair.verdict === 'fusable'),
    left: chained.filter((pair) => pair.verdict !== 'fusable'),
  };
}

/** Of two BatchNorms in a row the second cannot fold past the first where that one stays. */
function leaveBehindLeft(pairs: readonly Pair[]): readonly Pair[] {
  const pairById = new Map<string, Pair>();
  return pairs.map((pair) => {
    const before = pairById.get(pair.foldsAfter ?? '');
    const isBehindLeft = before && before.verdict !== 'fusable' && pair.verdict === 'fusable';
    const chained = isBehindLeft ? behindLeft(pair, before) : pair;
    pairById.set(pair.id, chained);
    return chained;
  });
}

/** A pair whose fold would need that of `before`, which is left, as blocked by the BatchNorm between. */
export function behindLeft(pair: Pair, before: Pair): Pair {
  const reasons = [...pair.reasons, reason('BATCHNORM_BETWEEN', before.bn.name)];
  return { ...pair, verdict: 'blocked', reasons };
}

function leave(pair: Pair): Pair {
  if (pair.verdict === 'blocked') return pair;
  return { ...pair, verdict: 'skipped', reasons: [...pair.reasons, reason('USER_SKIPPED')] };
}

function force(pair: Pair): Pair {
  if (pair.verdict === 'fusable') return pair;
  if (!pair.reasons.every(({ code }) => isOverridable(code, pair.evidence))) return pair;
  return { ...pair, verdict: 'fusable', reasons: [...pair.reasons, reason('USER_FORCED')] };
}

/**
 * The ids of an entry: itself where it is one, else what lies between its commas, the longest id first.
 * @throws RequestError `UNKNOWN_ID` for a part that is none.
 */
function splitIds(entry: string, ids: ReadonlySet<string>, pairs: readonly Pair[]): string[] {
  const found: string[] = [];
  const parts = entry.split(',');
  for (let from = 0; from < parts.length;) {
    let end = Math.min(parts.length, from + MAX_COMMAS);
    while (end > from && !ids.has(parts.slice(from, end).join(','))) end--;
    const part = parts[from] ?? '';
    if (end > from) found.push(parts.slice(from, end).join(','));
    else if (part !== '') throw unknownId(part, pairs);
    from = Math.max(from + 1, end);
  }
  return found;
}
/** No layer's name holds more. */
const MAX_COMMAS = 32;

const MAX_SUGGESTIONS = 3;

function unknownId(id: string, pairs: readonly Pair[]): RequestError {
  const near = pairs
    .map((pair) => ({ id: pair.id, distance: nameDistance(id, pair.id) }))
    .filter((name) => name.distance <= Math.max(2, id.length / 3))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, MAX_SUGGESTIONS);
  const hint =
    near.length > 0
      ? `did you mean ${near.map((name) => name.id).join(', ')}?`
      : 'inspect lists the ids of all pairs.';
  return new RequestError('UNKNOWN_ID', `There is no pair ${id}: ${hint}`);
}

/** Names of layers are shorter; comparing longer ones letter by letter takes too long. */
const MAX_NAME = 200;

/** Fewest insertions, deletions and replacements from one name to the other; a name inside the other is near. */
function nameDistance(from: string, to: string): number {
  if (from.length > 0 && to.includes(from)) return 1;
  if (Math.max(from.length, to.length) > MAX_NAME) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let idx = 0; idx < from.length; idx++) {
    const next = [idx + 1];
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (from[idx] === to[column] ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
