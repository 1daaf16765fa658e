import { ModelFormatError } from '../errors';
import { encodeFloats } from '../bytes/floats';
import { foldPair } from '../folding/foldPair';
import { ChannelMaxima } from '../folding/kernels/channelMaxima';
import { findOverflow } from '../folding/overflow';
import { weightAxes } from '../folding/weightAxes';
import type { Fold } from '../model/fold';
import type { OpenedModel } from '../model/openedModel';
import type { Pair } from '../model/pair';
import { reason, type Reason } from '../model/reason';
import { contiguousStrides, elementCount } from '../model/tensor';

/**
 * Judges what a sound pair would fold to (FOLDING.md guard 24): values beyond the element type block, biases that
 * shrink to subnormal numbers are noted. Of weights only small ones in float16 are read, and only where the scale is
 * large enough to matter; a fuse finds out about the others.
 */
export class FoldScreen {
  private weightBytesLeft = MAX_WEIGHT_BYTES;

  constructor(private readonly model: OpenedModel) {}

  /** Reasons against, or notes on, the fold of a pair that nothing else blocks. */
  judge(pair: Pair): readonly Reason[] {
    const walk = weightAxes(pair.conv);
    if (walk.kind === 'refused') return [walk.reason];
    try {
      const fold = foldPair(this.model, pair);
      const overflow = findOverflow(fold, this.weightMaxima(fold));
      return overflow ? [overflow] : subnormalBiases(fold);
    } catch (error) {
      if (!(error instanceof ModelFormatError)) throw error;
      return [reason('TENSOR_UNREADABLE', pair.conv.name, error.message)];
    }
  }

  private weightMaxima({ pair, weight }: Fold): Float64Array | null {
    const { weight: tensor } = pair.conv;
    const bytes = 2 * elementCount(tensor.shape);
    const isRisky =
      weight.dtype === 'f16' && weight.scale.some((factor) => !(Math.abs(factor) < RISKY_SCALE));
    if (!isRisky || tensor.location.kind === 'absent' || bytes > this.weightBytesLeft) return null;
    this.weightBytesLeft -= bytes;
    const strides = contiguousStrides(tensor.shape);
    // Values come in logical order, whatever the strides they are stored with.
    const walk = weightAxes({ ...pair.conv, weight: { ...tensor, strides } });
    if (walk.kind === 'refused') return null;
    const maxima = new ChannelMaxima({ ...weight, axes: walk.axes });
    maxima.add(encodeFloats(this.model.readValues(tensor), weight.dtype), 0);
    return maxima.values;
  }
}

/** Listing pairs may read a mebibyte beside the file's structure; half of it may go into weights. */
const MAX_WEIGHT_BYTES = 512 * 1024;
/** Weights above 4094, which a smaller scale would need to leave float16, are not found in networks. */
const RISKY_SCALE = 16;

/** Smallest normal numbers; processors are slow on smaller ones, and float16 has few digits left for them. */
const smallestNormal = { f16: 2 ** -14, bf16: 2 ** -126, f32: 2 ** -126, f64: 2 ** -1022 } as const;

/** Biases that fold to next to nothing, as betas of dead channels do after long training with weight decay. */
function subnormalBiases({ bias, weight: { dtype } }: Fold): readonly Reason[] {
  const count = bias.filter(
    (value) => value !== 0 && Math.abs(value) < smallestNormal[dtype],
  ).length;
  if (count === 0 || dtype === 'f64') return [];
  return [
    dtype === 'f16' ? reason('FP16_SUBNORMAL', count, 'float16') : reason('SUBNORMAL_BIAS', count),
  ];
}
