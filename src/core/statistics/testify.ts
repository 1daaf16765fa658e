import type { Pair, Pairing, Policy } from '../model/pair';
import { reason } from '../model/reason';
import { isFoldedBy } from '../pairing/policy';
import type { ReasonParts } from './blockPair';
import { asFit, confirmingFinding, contradictingFinding, silentFinding } from './decision/finding';
import { otherConvolution } from './decision/otherConvolution';
import { isProof } from './decision/proof';
import { confirmPair, contradictPair } from './decision/verdict';
import { readEvidence, type EvidenceBase, type ReadingJob } from './recovery/evidenceBase';
import { recoverWiring } from './recovery/recoverWiring';
import type { Study } from './recovery/study';
import type { OpenedModel } from '../model/openedModel';
import { applySignTest } from './signTest';
import { scatterOf, type ScatterData } from './scatter';
import { summarize, type StatisticsSummary } from './summary';

/** What the full test is asked to do. */
export interface StatisticsJob extends ReadingJob {
  /** Decides between `fusable` and `skipped` for a pair that the statistics prove. */
  readonly policy: Policy;
}

/** What the statistics of a file testify to. Plain data: it may be kept and sent. */
export interface Testimony {
  readonly pairing: Pairing;
  readonly summary: StatisticsSummary;
  /** By id of the pair; pairs without running statistics have none. */
  readonly scatters: ReadonlyMap<string, ScatterData>;
}

/**
 * Lets the running statistics of the BatchNorms testify about every pair (FOLDING.md section 7): reads each weight
 * once, in chunks, and finds which layer explains each BatchNorm's means through its convolution. Proved pairs are
 * confirmed, pairs that another explanation rules out are blocked, convolutions that only the numbers find are
 * proposed. Includes the sign test.
 * @throws CancellationError when the job is cancelled, ModelFormatError when a weight's bytes are missing.
 */
export function testify(model: OpenedModel, pairing: Pairing, job: StatisticsJob): Testimony {
  const signed = applySignTest(model, pairing);
  const base = readEvidence(model, signed, job);
  const activations = recoverWiring(base, job);
  const studyById = new Map(base.studies.map((study) => [study.id, study]));
  const proved = base.studies.filter((study) => isProof(study));
  const others = findOthers(signed, base, proved);

  const pairs = signed.pairs.map((pair) =>
    judged(pair, studyById.get(pair.id) ?? null, others.get(pair.bn.name) ?? null, job.policy),
  );
  const proposals = proposePairs(signed, pairs, others, job.policy);
  const proposed = new Set(proposals.map(({ bn }) => bn.name));
  const all: Pairing = {
    ...signed,
    pairs: [...pairs, ...proposals],
    unpaired: signed.unpaired.filter(({ bn }) => !proposed.has(bn)),
  };
  const studies = [...base.studies, ...others.values()];
  return {
    pairing: all,
    summary: summarize(all, proposals.length, activations),
    scatters: new Map(
      all.pairs.flatMap((pair) => {
        const own = studies.find(
          ({ conv, norm }) => conv.name === pair.conv.name && norm.layer.name === pair.bn.name,
        );
        return own === undefined ? [] : [[pair.id, scatterOf(pair, own, studies)]];
      }),
    ),
  };
}

/** For BatchNorms without a proved pair: the convolution that their means prove instead. */
function findOthers(
  pairing: Pairing,
  base: EvidenceBase,
  proved: readonly Study[],
): Map<string, Study> {
  const others = new Map<string, Study>();
  if (pairing.pairs.some(({ evidence }) => evidence === 'graph')) return others;
  const settled = new Set(proved.map(({ norm }) => norm));
  const taken = new Set(proved.map(({ conv }) => conv.name));
  for (const norm of base.norms) {
    if (settled.has(norm)) continue;
    const own = pairing.pairs.find(({ bn }) => bn.name === norm.layer.name)?.conv.name ?? null;
    const found = otherConvolution(norm, own, taken, base);
    if (found !== null) others.set(norm.layer.name, found);
  }
  return others;
}

function judged(pair: Pair, study: Study | null, other: Study | null, policy: Policy): Pair {
  if (study !== null && isProof(study)) return confirmPair(pair, confirmingFinding(study), policy);
  if (other !== null) {
    const fit = other.best?.fit.correlation ?? 0;
    const sentence = `The means of ${other.norm.mean.length} channels follow from ${other.conv.name} at ${asFit(fit)}, not from this convolution.`;
    const reasons: ReasonParts[] = [
      ['STATISTICS_DISAGREE', `they follow from ${other.conv.name} at ${asFit(fit)}`],
    ];
    return contradictPair(pair, contradictingFinding(pair, study, { fit, sentence }), reasons);
  }
  // The sign test has spoken already; the full test found nothing to refute it.
  if (pair.statistics?.says === 'contradicts') return pair;
  return { ...pair, statistics: silentFinding(pair, study) };
}

function proposePairs(
  pairing: Pairing,
  judgedPairs: readonly Pair[],
  others: ReadonlyMap<string, Study>,
  policy: Policy,
): Pair[] {
  const ids = new Set(judgedPairs.map(({ id }) => id));
  return [...others.values()].map((study) => {
    const { conv } = study;
    const bn = study.norm.layer;
    const id = ids.has(conv.name) ? `${conv.name}#${bn.name}` : conv.name;
    const known = pairing.pairs.find((pair) => pair.conv.name === conv.name);
    return {
      id,
      conv: known?.conv ?? conv,
      bn,
      evidence: 'names',
      verdict: isFoldedBy(policy, conv) ? 'fusable' : 'skipped',
      reasons: isFoldedBy(policy, conv) ? [] : [reason('POLICY_BEVFUSION')],
      statistics: confirmingFinding(study),
      between: [],
      biasFactor: 1,
      copiesWeight: known?.copiesWeight ?? false,
      copiesBias: known?.copiesBias ?? false,
      quantizers: known?.quantizers ?? [],
    };
  });
}
