import { CancellationError } from '../errors';
import type { OpenedModel } from '../model/openedModel';
import type { Pair, Pairing, Policy } from '../model/pair';
import { examineNetwork } from './examineNetwork';
import { networkParts } from './networkParts';
import type { ActivationVote } from './recovery/activationVote';
import type { ScatterData } from './scatter';
import { applySignTest } from './signTest';
import { summarize, type StatisticsSummary } from './summary';
import { MAX_WORK } from './workBudget';

/** What the full test is asked to do, and whom it tells how far it is. */
export interface StatisticsJob {
  /** Decides between `fusable` and `skipped` for a pair that the statistics prove. */
  readonly policy: Policy;
  /** Told now and then; `done` never exceeds `total`. */
  onProgress(done: number, total: number): void;
  /** Asked before each chunk of a weight and each piece of work. */
  isCancelled(): boolean;
}

/** What the statistics of a file testify to. Plain data: it may be kept and sent. */
export interface Testimony {
  readonly pairing: Pairing;
  readonly summary: StatisticsSummary;
  /** By id of the pair; pairs whose numbers cannot be read have none. */
  readonly scatters: ReadonlyMap<string, ScatterData>;
}

/** How far the test is. */
export interface StatisticsProgress {
  readonly done: number;
  readonly total: number;
}

/**
 * Lets the running statistics of the BatchNorms testify about every pair (FOLDING.md section 7): reads each weight
 * once, in chunks, and finds which layer explains each BatchNorm's means through its convolution. Proved pairs are
 * confirmed, pairs that another explanation rules out are blocked, pairs that only the numbers find are proposed.
 * Includes the sign test. Runs to the end in one go; `testifying` does the same step by step.
 * @throws CancellationError when the job is cancelled.
 */
export function testify(model: OpenedModel, pairing: Pairing, job: StatisticsJob): Testimony {
  const work = testifying(model, pairing, job.policy, () => job.isCancelled());
  for (;;) {
    if (job.isCancelled()) throw new CancellationError();
    const step = work.next();
    if (step.done === true) return step.value;
    job.onProgress(step.value.done, step.value.total);
  }
}

/** Pieces of work per pair, reading its weight included; networks take 3 to 10. */
const STEPS_PER_PAIR = 7;
/** From this share of the expected pieces on, progress slows down instead of claiming to be at the end. */
const SURE_SHARE = 0.8;

/**
 * `testify` in pieces of a few dozen milliseconds: whoever runs it may let messages in after each, and stop.
 * `isCancelled` is asked within a piece as well.
 */
export function* testifying(
  model: OpenedModel,
  pairing: Pairing,
  policy: Policy,
  isCancelled: () => boolean = () => false,
): Generator<StatisticsProgress, Testimony> {
  const signed = applySignTest(model, pairing);
  const total = signed.pairs.length * STEPS_PER_PAIR;
  let steps = 0;
  const judged = new Map<string, Pair>();
  const proposed: Pair[] = [];
  const scatters = new Map<string, ScatterData>();
  const votes: ActivationVote[] = [];
  const parts = networkParts(model.network, signed.pairs);
  for (const part of parts) {
    const work = examineNetwork(model, part, policy, isCancelled, MAX_WORK / parts.length);
    let step = work.next();
    for (; step.done !== true; step = work.next()) {
      yield { done: Math.floor(total * shareDone(++steps / total)), total };
    }
    const network = step.value;
    for (const pair of network.judged) judged.set(pair.id, pair);
    proposed.push(...network.proposed);
    votes.push(network.vote);
    for (const [id, scatter] of network.scatters) scatters.set(id, scatter);
  }
  yield { done: total, total };
  const found = new Set(proposed.map(({ bn }) => bn.name));
  const result: Pairing = {
    ...signed,
    pairs: [...signed.pairs.map((pair) => judged.get(pair.id) ?? pair), ...proposed],
    unpaired: signed.unpaired.filter(({ bn }) => !found.has(bn)),
  };
  const vote = votes.find(({ activation }) => activation !== null) ?? votes[0];
  return { pairing: result, summary: summarize(result, proposed.length, vote ?? null), scatters };
}

/** How much is done after `share` of the expected pieces, of which there may turn out to be more. */
function shareDone(share: number): number {
  const rest = 1 - SURE_SHARE;
  return share < SURE_SHARE ? share : 1 - rest * Math.exp((SURE_SHARE - share) / rest);
}
