import { makeStudy, type EvidenceBase } from '../recovery/evidenceBase';
import type { Norm } from '../norm';
import { tryChainFeeds } from '../recovery/chainFeeds';
import { tryFreeInput } from '../recovery/freeInput';
import { trySingleFeeds } from '../recovery/singleFeeds';
import type { Study } from '../recovery/study';
import { isProof } from './proof';

/** The proved reading must leave at most this share of what the next best convolution leaves unexplained. */
const CLEAR_LEAD = 0.5;

/**
 * Finds, for a BatchNorm whose own pair is not proved, another convolution whose output its means prove to be.
 * Null when there is none, or more than one that explains them about as well. `taken` are convolutions that are
 * proved to feed another BatchNorm.
 */
export function otherConvolution(
  norm: Norm,
  own: string | null,
  taken: ReadonlySet<string>,
  base: EvidenceBase,
): Study | null {
  const studies = [...base.witnesses.values()].flatMap((witness) => {
    const { name } = witness.conv;
    if (name === own || taken.has(name)) return [];
    const study = makeStudy('', witness, norm);
    return study === null ? [] : [study];
  });
  for (const study of studies) {
    trySingleFeeds(study, base);
    tryChainFeeds(study, base);
    tryFreeInput(study);
  }
  const [best, next] = studies.toSorted((a, b) => b.share - a.share);
  if (best === undefined || !isProof(best, studies.length)) return null;
  const isClear =
    next === undefined || 1 - best.share <= CLEAR_LEAD * (1 - Math.max(next.share, 0));
  return isClear ? best : null;
}
