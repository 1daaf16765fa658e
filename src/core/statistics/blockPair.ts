import type { Pair } from '../model/pair';
import { reason, type ReasonCode } from '../model/reason';

/** A reason's code and the arguments of its sentence. */
export type ReasonParts = readonly [code: ReasonCode, ...args: (string | number)[]];

/** The pair as `blocked`, with further reasons; one that is there already is not repeated. */
export function blockPair(pair: Pair, parts: readonly ReasonParts[]): Pair {
  const added = parts
    .map(([code, ...args]) => reason(code, ...args))
    .filter((made) => !pair.reasons.some((known) => known.code === made.code));
  return { ...pair, verdict: 'blocked', reasons: [...pair.reasons, ...added] };
}
