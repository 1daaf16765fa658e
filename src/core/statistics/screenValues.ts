import { ModelFormatError } from '../errors';
import { behindLeft } from '../folding/selectPairs';
import type { BatchNormLayer } from '../model/layer';
import type { OpenedModel } from '../model/openedModel';
import type { ConstantAffine, Pair, Pairing } from '../model/pair';
import { reason, type Reason } from '../model/reason';
import { elementCount, type Tensor } from '../model/tensor';
import { reasonKinds } from '../pairing/reasonKinds';
import { epsSensitivity } from './epsSensitivity';
import { MAX_CHANNELS } from './limits';
import { FoldScreen } from './screenFold';
import { isUntrained } from './untrained';

/**
 * Judges pairs by the values of their small vectors (FOLDING.md guards 23, 24, 26): what cannot be divided by, is not
 * finite or cannot be read blocks; dead, negative and untrained channels and an assumed eps are noted.
 * Pairs of a listing, which has no values, stay as they are.
 */
export function screenValues(model: OpenedModel, pairing: Pairing): Pairing {
  let left = MAX_VALUES;
  const folds = new FoldScreen(model);
  const pairById = new Map<string, Pair>();
  const pairs = pairing.pairs.map((pair) => {
    left -= vectorsOf(pair).reduce((sum, tensor) => sum + elementCount(tensor.shape), 0);
    const before = pairById.get(pair.foldsAfter ?? '');
    const screened =
      before?.verdict === 'blocked'
        ? behindLeft(pair, before)
        : screenPair(model, pair, left >= 0, folds);
    pairById.set(pair.id, screened);
    return screened;
  });
  return { ...pairing, pairs };
}

/** Networks have some hundred thousand in all; a file whose layers share long vectors would be read for hours. */
const MAX_VALUES = 2 ** 25;

function screenPair(
  model: OpenedModel,
  pair: Pair,
  isWithinLimit: boolean,
  folds: FoldScreen,
): Pair {
  const vectors = isWithinLimit ? readVectors(model, pair) : tooMany(pair);
  const found = [...(vectors.kind === 'read' ? judge(pair, vectors) : vectors.reasons)];
  const isSound = vectors.kind === 'read' && pair.verdict !== 'blocked' && !found.some(blocks);
  if (isSound) found.push(...folds.judge(pair));
  const known = new Set(pair.reasons.map(({ code }) => code));
  const reasons = [...pair.reasons, ...found.filter(({ code }) => !known.has(code))];
  return { ...pair, reasons, verdict: found.some(blocks) ? 'blocked' : pair.verdict };
}

function blocks({ code }: Reason): boolean {
  return reasonKinds[code] !== 'note';
}

interface Vectors {
  readonly kind: 'read';
  readonly gamma: Float64Array | null;
  readonly beta: Float64Array | null;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  /** The convolution's bias and the constants between, by name. */
  readonly others: readonly { readonly name: string; readonly values: Float64Array }[];
}

interface Unread {
  readonly kind: 'unread';
  readonly reasons: readonly Reason[];
}

function tooMany({ bn }: Pair): Unread {
  const why = `the layers of the file have more than ${MAX_VALUES} values`;
  return { kind: 'unread', reasons: [reason('TENSOR_UNREADABLE', bn.name, why)] };
}

/** The convolution's bias and the constants between. */
function othersOf({ conv, between }: Pair): readonly Tensor[] {
  // A BatchNorm between has a pair of its own, which is screened with it.
  const constants = between.flatMap((step) =>
    step.operation === 'batchNorm' ? [] : [step.constant],
  );
  return [...(conv.bias ? [conv.bias] : []), ...constants];
}

function vectorsOf(pair: Pair): readonly Tensor[] {
  const { gamma, beta, mean, variance } = pair.bn;
  return [gamma, beta, mean, variance, ...othersOf(pair)].filter((tensor) => tensor !== null);
}

/** Values of the pair's vectors, or the reasons why there are none. */
function readVectors(model: OpenedModel, pair: Pair): Vectors | Unread {
  const { bn } = pair;
  const tensors = vectorsOf(pair);
  const absent = tensors.filter((tensor) => tensor.location.kind === 'absent');
  if (absent.length > 0) return { kind: 'unread', reasons: absent.flatMap(outOfReach) };
  const large = tensors.find((tensor) => elementCount(tensor.shape) > MAX_CHANNELS);
  if (large) {
    const why = `it has ${elementCount(large.shape)} values, more than the ${MAX_CHANNELS} channels of any layer`;
    return { kind: 'unread', reasons: [reason('TENSOR_UNREADABLE', large.name, why)] };
  }
  const read = (tensor: Tensor): Float64Array => model.readValues(tensor);
  try {
    return {
      kind: 'read',
      gamma: bn.gamma && read(bn.gamma),
      beta: bn.beta && read(bn.beta),
      mean: read(bn.mean),
      variance: read(bn.variance),
      others: [
        ...(pair.conv.bias ? [{ name: pair.conv.bias.name, values: read(pair.conv.bias) }] : []),
        ...pair.between.flatMap((step) =>
          step.operation === 'batchNorm' ? [] : [factorOf(step, read)],
        ),
      ],
    };
  } catch (error) {
    if (!(error instanceof ModelFormatError)) throw error;
    return { kind: 'unread', reasons: [reason('TENSOR_UNREADABLE', bn.name, error.message)] };
  }
}

/** The values of a constant between; where they divide, what they multiply by. */
function factorOf(
  { operation, constant }: ConstantAffine,
  read: (tensor: Tensor) => Float64Array,
): Vectors['others'][number] {
  const values = read(constant);
  if (operation !== 'div') return { name: constant.name, values };
  return { name: `1 / ${constant.name}`, values: values.map((value) => 1 / value) };
}

function outOfReach(tensor: Tensor): readonly Reason[] {
  const { location } = tensor;
  if (location.kind !== 'absent' || location.why === undefined) return [];
  return [reason('TENSOR_UNREADABLE', tensor.name, location.why)];
}

function judge(pair: Pair, vectors: Vectors): readonly Reason[] {
  const { bn } = pair;
  const { gamma, beta, mean, variance } = vectors;
  return [
    ...invalidVariance(variance, bn.eps),
    ...notFinite('gamma', gamma),
    ...notFinite('beta', beta),
    ...notFinite('mean', mean),
    ...vectors.others.flatMap(({ name, values }) => notFinite(name, values)),
    ...gammaNotes(gamma),
    ...(isUntrained(mean, variance) ? [reason('UNTRAINED')] : []),
    ...epsNotes(bn, variance),
  ];
}

function invalidVariance(variance: Float64Array, eps: number): readonly Reason[] {
  const invalid = variance.findIndex((value) => !(value + eps > 0));
  if (invalid >= 0) return [reason('VARIANCE_INVALID', invalid, show(variance[invalid]))];
  const infinite = variance.indexOf(Infinity);
  return infinite < 0 ? [] : [reason('VARIANCE_INFINITE', infinite)];
}

function notFinite(name: string, values: Float64Array | null): readonly Reason[] {
  const channel = values?.findIndex((value) => !Number.isFinite(value)) ?? -1;
  return channel < 0
    ? []
    : [reason('PARAMETER_NOT_FINITE', name, show(values?.[channel]), channel)];
}

function gammaNotes(gamma: Float64Array | null): readonly Reason[] {
  if (gamma === null) return [];
  const dead = gamma.filter((value) => value === 0).length;
  const negative = gamma.filter((value) => value < 0).length;
  return [
    ...(dead > 0 ? [reason('DEAD_CHANNELS', dead, gamma.length)] : []),
    ...(negative > 0 ? [reason('NEGATIVE_GAMMA', negative, gamma.length)] : []),
  ];
}

/** An eps that is not in the file is named together with how much a wrong one would matter here. */
function epsNotes(bn: BatchNormLayer, variance: Float64Array): readonly Reason[] {
  if (bn.epsSource !== 'default' && bn.epsSource !== 'family') return [];
  const { other, percent } = epsSensitivity(variance, bn.eps, bn.epsRival);
  return [reason('EPS_ASSUMED', bn.eps, other, percent.toPrecision(2))];
}

function show(value: number | undefined): string {
  return value === undefined ? '?' : String(value);
}
