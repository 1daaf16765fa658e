import type { OpenedModel } from '../model/openedModel';
import type { Pair, Policy } from '../model/pair';
import { everyFewFirst, MAX_FRUITLESS } from './everyFewFirst';
import { epsSupport } from './decision/epsSupport';
import { judgePairs } from './decision/judgePairs';
import { otherConvolution } from './decision/otherConvolution';
import { isProof } from './decision/proof';
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
 * Examines one network: reads its weights, recovers its wiring, judges its pairs and proposes others. Yields after each
 * piece of work, a few dozen milliseconds long.
 */
export function* examineNetwork(
  model: OpenedModel,
  part: NetworkPart,
  policy: Policy,
  isCancelled: () => boolean,
): Generator<void, NetworkTestimony> {
  const { pairs } = part;
  const read = yield* readEvidence(model, part, isCancelled);
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
  const judged = judgePairs(pairs, { policy, vote, eps, studies: known.studies, others });
  const proposed = proposePairs(judged, others.values(), vote, policy);
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

/** For BatchNorms without a proved pair: the convolution that their means prove instead. */
function* findOthers(
  pairs: readonly Pair[],
  base: EvidenceBase,
): Generator<void, Map<string, Study>> {
  const others = new Map<string, Study>();
  if (pairs.some(({ evidence }) => evidence === 'graph')) return others;
  const proved = base.studies.filter((study) => isProof(study));
  const settled = new Set(proved.map(({ norm }) => norm));
  const taken = new Set(proved.map(({ conv }) => conv.name));
  const open = base.norms.filter((norm) => !settled.has(norm) && norm.isTrained);
  for (const [idx, norm] of everyFewFirst(open).entries()) {
    // Numbers that explain nothing at all were made up, or stand still while the weights moved on.
    if (idx >= MAX_FRUITLESS && proved.length === 0 && others.size === 0) break;
    const own = pairs.find(({ bn }) => bn.name === norm.layer.name)?.conv.name ?? null;
    const found = otherConvolution(norm, own, taken, base);
    yield;
    if (found === null) continue;
    others.set(norm.layer.name, found);
    taken.add(found.conv.name);
  }
  return others;
}
