import type { OpenedModel } from '../model/openedModel';
import type { Pair, Policy } from '../model/pair';
import { epsSupport } from './decision/epsSupport';
import { findOthers } from './decision/findOthers';
import { judgePairs } from './decision/judgePairs';
import { proposePairs } from './decision/proposals';
import type { NetworkPart } from './networkParts';
import type { ActivationVote } from './recovery/activationVote';
import { readEvidence, type EvidenceBase } from './recovery/evidenceBase';
import { turnedStudies } from './recovery/turnedStudies';
import { recoverWiring } from './recovery/recoverWiring';
import type { Study } from './recovery/study';
import { scatterOf, type ScatterData } from './scatter';

/** What the statistics of one network testify to. */
export interface NetworkTestimony {
  /** The network's pairs, in their order, judged. */
  readonly judged: readonly Pair[];
  /** Pairs that only the statistics found. */
  readonly proposed: readonly Pair[];
  readonly vote: ActivationVote;
  /** By id of the pair. */
  readonly scatters: ReadonlyMap<string, ScatterData>;
}

/**
 * Examines one network: reads its weights, recovers its wiring, judges its pairs and proposes others, with at most
 * `maxWork` multiplications. Yields after each piece of work, a few dozen milliseconds long.
 */
export function* examineNetwork(
  model: OpenedModel,
  part: NetworkPart,
  policy: Policy,
  isCancelled: () => boolean,
  maxWork: number,
): Generator<void, NetworkTestimony> {
  const { pairs } = part;
  const read = yield* readEvidence(model, part, isCancelled, maxWork);
  const firstVote = yield* recoverWiring(read);
  const turned = yield* turnedStudies(pairs, read);
  const known: EvidenceBase = { ...read, studies: [...read.studies, ...turned] };
  const found = yield* findOthers(pairs, known);

  // What was found may explain what comes behind it.
  const base: EvidenceBase = { ...read, studies: [...known.studies, ...found.values()] };
  const vote = found.size === 0 ? firstVote : yield* recoverWiring(base);
  const more = found.size === 0 ? found : yield* findOthers(pairs, base);
  const others = new Map([...found, ...more]);

  const eps = epsSupport(base.studies);
  const judged = yield* judgePairs(pairs, { policy, vote, eps, studies: known.studies, others });
  const convs = Array.from(base.witnesses.values(), ({ conv }) => conv);
  const proposed = proposePairs(judged, [...others.values()], convs, vote, policy);
  const shown = [...known.studies, ...others.values()];
  const scatters = new Map<string, ScatterData>();
  for (const pair of [...judged, ...proposed]) {
    const own = shown.find((study) => isStudyOf(study, pair));
    if (own !== undefined) scatters.set(pair.id, scatterOf(pair, own, shown, vote));
    yield;
  }
  return { judged, proposed, vote, scatters };
}

function isStudyOf({ conv, norm }: Study, pair: Pair): boolean {
  const isConv = conv.name === pair.conv.name && conv.layout === pair.conv.layout;
  return isConv && norm.layer.name === pair.bn.name;
}
