import type { FoldPiece, OutputPlan } from '../../core/bytes/outputPlan';
import { ChannelMaxima } from '../../core/folding/kernels/channelMaxima';
import { findOverflow } from '../../core/folding/overflow';
import type { Fold } from '../../core/model/fold';
import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair } from '../../core/model/pair';
import { itemSize } from '../../core/model/tensor';
import { blockPair } from '../../core/statistics/blockPair';
import type { CheckedFold } from '../writer/checkFolds';

const BLOCK_BYTES = 1024 * 1024;

/**
 * Thrown before an output gets its name when the check of some folds is infinite: a folded weight does not fit its
 * element type. Weights are read once only, so this shows while writing; the caller plans again without those folds.
 */
export class OverflowSuspected extends Error {
  override readonly name = 'OverflowSuspected';

  constructor(readonly ids: readonly string[]) {
    super(`folded weights are not finite: ${ids.join(', ')}`);
  }
}

/** @throws OverflowSuspected when a check is infinite. */
export function assertFinite(checks: readonly CheckedFold[]): void {
  const ids = checks.filter(({ metrics }) => metrics.sqnrDb === -Infinity).map(({ id }) => id);
  if (ids.length > 0) throw new OverflowSuspected(ids);
}

/** The pair as blocked when its folded weight or bias exceeds the element type, else null. `plan` has its weight. */
export function blockOverflowing(
  model: OpenedModel,
  plan: OutputPlan | null,
  fold: Fold,
): Pair | null {
  const piece = plan?.files
    .flatMap(({ pieces }) => pieces)
    .find((one): one is FoldPiece => one.kind === 'fold' && one.id === fold.pair.id);
  const maxima = piece === undefined ? null : channelMaxima(model, piece);
  const overflow = findOverflow(fold, maxima);
  if (overflow === null) return null;
  return blockPair(fold.pair, [[overflow.code, ...overflow.args]]);
}

function channelMaxima(model: OpenedModel, { from, length, weight }: FoldPiece): Float64Array {
  const maxima = new ChannelMaxima(weight);
  for (let done = 0; done < length; done += BLOCK_BYTES) {
    const count = Math.min(BLOCK_BYTES, length - done);
    const chunk =
      from.kind === 'bytes'
        ? from.bytes.subarray(done, done + count)
        : model.sources[from.source]?.read(from.offset + done, count);
    if (chunk !== undefined) maxima.add(chunk, done / itemSize[weight.dtype]);
  }
  return maxima.values;
}
