import { RequestError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { Tensor } from '../../model/tensor';
import { foldChanges } from '../stateDict/foldChanges';
import {
  isSameChange,
  scaledPiece,
  tensorChanges,
  type TensorChange,
} from '../stateDict/tensorChange';
import type { ZipPatch } from '../zip/patchZip';
import { encodeStrided, floatTypeOf } from './torchBytes';

/** What a program archive knows of its tensors. */
export interface ArchiveTensors {
  /** Every tensor of the file, layers or not. */
  readonly all: readonly Tensor[];
  /** Names of vectors that are in no file and stand for what a layer lacks. */
  readonly absent: ReadonlySet<string>;
  /** The bytes of a tensor's extent. */
  readBytes(tensor: Tensor): Uint8Array;
}

/**
 * Drop-in changes of a file whose code stays as it is: tensors get new bytes where they lie.
 * @throws RequestError when a tensor cannot be changed in place: it is compressed, or shared with a layer that must
 * not change, or the code computes something between convolution and BatchNorm.
 */
export function planArchivePatches(folds: readonly Fold[], tensors: ArchiveTensors): ZipPatch[] {
  for (const { pair } of folds) {
    if (pair.between.length > 0 || pair.biasFactor !== 1) {
      refuse(pair.id, 'the code computes something between the two layers, and it stays as it is');
    }
  }
  const changes = tensorChanges(
    foldChanges(
      folds.map((fold) => withoutAbsent(fold, tensors.absent)),
      'drop-in',
    ),
  );
  const changeByTensor = new Map<string, TensorChange>();
  for (const change of changes) {
    const { tensor } = change.change;
    const other = changeByTensor.get(tensor.name);
    if (other && !isSameChange(change, other)) {
      refuse(tensor.name, 'two layers that are folded differently share it');
    }
    changeByTensor.set(tensor.name, change);
  }
  const patches = new Map<number, ZipPatch>();
  for (const change of changeByTensor.values()) {
    const { tensor } = change.change;
    const place = placeOf(tensor);
    assertAlone(change, place, changeByTensor, tensors.all);
    if (place.length > 0) patches.set(place.offset, patchOf(change, place, tensors));
  }
  return [...patches.values()];
}

interface Place {
  readonly offset: number;
  readonly length: number;
}

function placeOf({ name, location }: Tensor): Place {
  if (location.kind === 'range') return location;
  return refuse(name, 'its bytes are compressed, or shared among its own elements');
}

function patchOf(
  change: TensorChange,
  { offset, length }: Place,
  tensors: ArchiveTensors,
): ZipPatch {
  if (change.kind === 'scaled') {
    return {
      offset,
      piece: scaledPiece(change.change, { kind: 'range', source: 0, offset }, length),
    };
  }
  const { tensor, values } = change.change;
  const { shape, strides } = tensor;
  const old = tensors.readBytes(tensor);
  const bytes = encodeStrided(values, shape, strides, floatTypeOf(tensor), old);
  return { offset, piece: { kind: 'bytes', bytes } };
}

/** Whoever else sees these bytes must want the same of them. */
function assertAlone(
  change: TensorChange,
  place: Place,
  changeByTensor: ReadonlyMap<string, TensorChange>,
  all: readonly Tensor[],
): void {
  const { name } = change.change.tensor;
  for (const other of all) {
    if (other.name === name || other.location.kind !== 'range') continue;
    const { offset, length } = other.location;
    if (offset >= place.offset + place.length || offset + length <= place.offset) continue;
    const wanted = changeByTensor.get(other.name);
    const isSamePlace = offset === place.offset && length === place.length;
    if (wanted && isSamePlace && isSameChange(change, wanted)) continue;
    refuse(name, `${other.name} lies in the same bytes`);
  }
}

/** The fold as the file sees it: what a layer lacks is null, not a vector of ones or zeros. */
function withoutAbsent(fold: Fold, absent: ReadonlySet<string>): Fold {
  const { pair } = fold;
  const own = (tensor: Tensor | null): Tensor | null =>
    tensor !== null && absent.has(tensor.name) ? null : tensor;
  const bn = { ...pair.bn, gamma: own(pair.bn.gamma), beta: own(pair.bn.beta) };
  return { ...fold, pair: { ...pair, bn } };
}

function refuse(name: string, why: string): never {
  throw new RequestError('CANNOT_FOLD', `${name} cannot be folded: ${why}.`);
}
