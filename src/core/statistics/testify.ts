import type { OpenedModel } from '../model/openedModel';
import type { Pairing, Policy } from '../model/pair';
import { epsSupport } from './decision/epsSupport';
import { judgePairs } from './decision/judgePairs';
import { otherConvolution } from './decision/otherConvolution';
import { isProof } from './decision/proof';
import { proposePairs } from './decision/proposals';
import { readEvidence, type EvidenceBase, type ReadingJob } from './recovery/evidenceBase';
import { recoverWiring } from './recovery/recoverWiring';
import type { Study } from './recovery/study';
import { scatterOf, type ScatterData } from './scatter';
import { applySignTest } from './signTest';
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
  /** By id of the pair; pairs whose numbers cannot be read have none. */
  readonly scatters: ReadonlyMap<string, ScatterData>;
}

/**
 * Lets the running statistics of the BatchNorms testify about every pair (FOLDING.md section 7): reads each weight
 * once, in chunks, and finds which layer explains each BatchNorm's means through its convolution. Proved pairs are
 * confirmed, pairs that another explanation rules out are blocked, pairs that only the numbers find are proposed.
 * Includes the sign test.
 * @throws CancellationError when the job is cancelled, ModelFormatError when a weight's bytes are missing.
 */
export function testify(model: OpenedModel, pairing: Pairing, job: StatisticsJob): Testimony {
  const signed = applySignTest(model, pairing);
  const { policy } = job;
  const read = readEvidence(model, signed, job);
  const firstVote = recoverWiring(read, job);
  const found = findOthers(signed, read, read.studies);

  // What was found may explain what comes behind it.
  const base: EvidenceBase = { ...read, studies: [...read.studies, ...found.values()] };
  const vote = found.size === 0 ? firstVote : recoverWiring(base, job);
  const more = found.size === 0 ? found : findOthers(signed, base, base.studies);
  const others = new Map([...found, ...more]);

  const { studies } = base;
  const eps = epsSupport(studies);
  const judged = judgePairs(signed.pairs, { policy, vote, eps, studies: read.studies, others });
  const proposals = proposePairs(judged, others.values(), vote, policy);
  const proposed = new Set(proposals.map(({ bn }) => bn.name));
  const all: Pairing = {
    ...signed,
    pairs: [...judged, ...proposals],
    unpaired: signed.unpaired.filter(({ bn }) => !proposed.has(bn)),
  };
  const shown = [...studies, ...more.values()];
  return {
    pairing: all,
    summary: summarize(all, proposals.length, vote),
    scatters: new Map(
      all.pairs.flatMap((pair) => {
        const own = shown.find(
          ({ conv, norm }) =>
            conv.name === pair.conv.name &&
            conv.layout === pair.conv.layout &&
            norm.layer.name === pair.bn.name,
        );
        return own === undefined ? [] : [[pair.id, scatterOf(pair, own, shown, vote)]];
      }),
    ),
  };
}

/** For BatchNorms without a proved pair: the convolution that their means prove instead. */
function findOthers(
  pairing: Pairing,
  base: EvidenceBase,
  studies: readonly Study[],
): Map<string, Study> {
  const others = new Map<string, Study>();
  if (pairing.pairs.some(({ evidence }) => evidence === 'graph')) return others;
  const proved = studies.filter((study) => isProof(study));
  const settled = new Set(proved.map(({ norm }) => norm));
  const taken = new Set(proved.map(({ conv }) => conv.name));
  for (const norm of base.norms) {
    if (settled.has(norm)) continue;
    const own = pairing.pairs.find(({ bn }) => bn.name === norm.layer.name)?.conv.name ?? null;
    const found = otherConvolution(norm, own, taken, base);
    if (found === null) continue;
    others.set(norm.layer.name, found);
    taken.add(found.conv.name);
  }
  return others;
}
