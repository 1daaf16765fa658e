import { decodeFloats, encodeFloats } from '../../bytes/floats';
import { RequestError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { FoldMode } from '../../model/openedModel';
import { elementCount, isFloatDType, type Tensor } from '../../model/tensor';
import { isSameValues } from './sameChange';

/** What a fold does to the tensors of a state_dict, whatever container it lies in. */
export interface FoldChanges {
  /** Weights to scale, in storage order. */
  readonly scaled: readonly ScaledWeight[];
  /** Tensors that get new values of the old shape, in logical row-major order. */
  readonly written: readonly WrittenTensor[];
  /** Biases for convolutions that had none. */
  readonly added: readonly AddedBias[];
  /** BatchNorms that vanish (`fold`). */
  readonly removed: readonly string[];
}

export interface ScaledWeight {
  readonly tensor: Tensor;
  readonly fold: Fold;
  /** The new bias as the file will hold it. */
  readonly storedBias: Float64Array;
}

export interface WrittenTensor {
  readonly tensor: Tensor;
  readonly values: Float64Array;
}

export interface AddedBias {
  readonly weight: Tensor;
  readonly values: Float64Array;
}

/**
 * Says which tensors change and how (DESIGN.md section 6). `isNeutral` names BatchNorms that stay as neutral ones
 * although the mode removes them: in whole modules, classes that are not PyTorch's own.
 * @throws RequestError when two folds want different things of one tensor.
 */
export function foldChanges(
  folds: readonly Fold[],
  mode: FoldMode,
  isNeutral: (bnName: string) => boolean = () => false,
): FoldChanges {
  const collector = new ChangeCollector();
  for (const fold of folds) {
    const staysNeutral = mode === 'drop-in' || isNeutral(fold.pair.bn.name);
    if (staysNeutral) collector.neutralize(fold);
    else collector.remove(fold);
    for (const { tensor, values } of fold.quantizers) collector.write(tensor, values, fold);
  }
  return collector;
}

class ChangeCollector implements FoldChanges {
  readonly scaled: ScaledWeight[] = [];
  readonly added: AddedBias[] = [];
  readonly removed: string[] = [];
  private readonly writtenByName = new Map<string, WrittenTensor>();

  get written(): readonly WrittenTensor[] {
    return [...this.writtenByName.values()];
  }

  /** The bias goes into the convolution, the BatchNorm away. */
  remove(fold: Fold): void {
    const { conv, bn } = fold.pair;
    const { bias } = conv;
    if (bias === null) this.added.push({ weight: conv.weight, values: fold.bias });
    else this.write(bias, fold.bias, fold);
    this.removed.push(bn.name);
    this.scale(fold, roundedAs(bias ?? conv.weight, fold.bias));
  }

  /** The BatchNorm becomes an exact identity plus the bias: every key stays. */
  neutralize(fold: Fold): void {
    const { conv, bn } = fold.pair;
    const { channels } = bn;
    const constant = (value: number): Float64Array => new Float64Array(channels).fill(value);
    if (bn.gamma) this.write(bn.gamma, constant(1), fold);
    this.write(bn.variance, constant(1 - bn.eps), fold);
    const [place, sign] = biasPlace(fold);
    for (const tensor of [conv.bias, bn.beta, bn.mean]) {
      if (tensor !== null && tensor !== place) {
        this.write(tensor, new Float64Array(elementCount(tensor.shape)), fold);
      }
    }
    this.write(
      place,
      fold.bias.map((value) => sign * value),
      fold,
    );
    this.scale(fold, roundedAs(place, fold.bias));
  }

  write(tensor: Tensor, values: Float64Array, fold: Fold): void {
    const other = this.writtenByName.get(tensor.name);
    if (other && !isSameValues(other.values, values)) {
      throw new RequestError(
        'FOLDS_DISAGREE',
        `${fold.pair.id} cannot be folded along: another fold gives ${tensor.name} other values.`,
      );
    }
    this.writtenByName.set(tensor.name, { tensor, values });
  }

  private scale(fold: Fold, storedBias: Float64Array): void {
    this.scaled.push({ tensor: fold.pair.conv.weight, fold, storedBias });
  }
}

/** Where a neutral BatchNorm's bias goes: its own beta, else the convolution's bias, else the mean, negated. */
function biasPlace({ pair: { conv, bn } }: Fold): readonly [Tensor, 1 | -1] {
  if (bn.beta !== null) return [bn.beta, 1];
  if (conv.bias !== null) return [conv.bias, 1];
  return [bn.mean, -1];
}

/** Values as a tensor of this element type holds them. */
function roundedAs(tensor: Tensor, values: Float64Array): Float64Array {
  const { dtype } = tensor;
  return isFloatDType(dtype) ? decodeFloats(encodeFloats(values, dtype), dtype) : values;
}
