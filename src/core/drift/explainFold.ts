import type { FoldReference } from '../model/fold';
import type { FloatDType } from '../model/tensor';
import { driftSentence, type DriftSentence, type DriftSentenceCode } from './driftSentence';
import type { FoldedLayer } from './isolated';
import { fitsInputScale, fitsRowScale, rowMaxima } from './kernels/weightKernels';
import type { WeightMatrix } from './weightMatrix';

/** How another tool may arrive at a folded layer. */
export const recipes = [
  'right',
  'right-in-float32',
  'other-eps',
  'eps-outside-root',
  'bias-dropped',
  'shift-dropped',
  'wrong-axis',
  'neighbour',
  'folded-twice',
  'not-folded',
  'folded-across',
  'unknown',
] as const;

export type Recipe = (typeof recipes)[number];

/** The recipe, in one word and in one sentence a person understands. */
export interface Explanation extends DriftSentence {
  readonly recipe: Recipe;
  /** The eps another tool used (`other-eps`), or null. */
  readonly eps: number | null;
  /** Name of the BatchNorm whose numbers were used (`neighbour`), or null. */
  readonly bn: string | null;
}

/** Another BatchNorm of the model that has as many channels. */
export interface Neighbour {
  readonly name: string;
  readonly reference: FoldReference;
}

/** A scale and a shift per channel: y ↦ scale·y + shift. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** eps values in use; others are solved for. */
const USUAL_EPS = [1e-5, 1e-3, 1e-4, 1e-6, 0, 1e-12];

/** Relative difference that rounding explains: a few units in the last place of the stored type. */
const rounding: Readonly<Record<FloatDType, number>> = {
  f64: 1e-12,
  f32: 2e-6,
  f16: 4e-3,
  bf16: 3e-2,
};

/** Half a unit in the last place, relative: what a value rounded once stays below. */
const roundedOnce: Readonly<Record<FloatDType, number>> = {
  f64: 2 ** -53,
  f32: 2 ** -24,
  f16: 2 ** -11,
  bf16: 2 ** -8,
};

/**
 * Names the recipe that turns a convolution–BatchNorm pair into `folded`: the right fold first, then the mistakes
 * that tools are known to make (FOLDING.md sections 1, 4 and 6).
 */
export function explainFold(
  original: WeightMatrix,
  reference: FoldReference,
  folded: FoldedLayer,
  neighbours: readonly Neighbour[],
): Explanation {
  const tolerance = rounding[folded.dtype];
  const right = affineOf(reference);
  const weightFits = (affine: Affine): boolean =>
    fitsScale(original, folded, affine.scale, tolerance);
  const biasFits = (affine: Affine, convBias = reference.convBias): boolean =>
    fitsBias(folded, affine, convBias, tolerance);

  if (weightFits(right)) return explainBias(original, reference, folded, biasFits);
  for (const eps of USUAL_EPS) {
    const other = affineOf({ ...reference, eps });
    if (weightFits(other) && biasFits(other)) return otherEps(reference.eps, eps);
  }
  // Where variances are alike, an odd eps inside the root explains this as well: the known mistake goes first.
  if (weightFits(affineOf(reference, (variance, eps) => Math.sqrt(variance) + eps))) {
    return explanation('eps-outside-root', 'EPS_OUTSIDE_ROOT');
  }
  const solved = solveEps(original, reference, folded.weight);
  if (solved !== null && weightFits(affineOf({ ...reference, eps: solved }))) {
    return otherEps(reference.eps, Number(solved.toPrecision(3)));
  }
  const ones = new Float64Array(original.channels).fill(1);
  if (fitsScale(original, folded, ones, tolerance)) {
    return explanation('not-folded', 'NOT_FOLDED');
  }
  for (const { name, reference: other } of neighbours) {
    const affine = affineOf({ ...other, convBias: reference.convBias, between: reference.between });
    if (!weightFits(affine)) continue;
    return { recipe: 'neighbour', eps: null, bn: name, ...driftSentence('NEIGHBOUR_USED', name) };
  }
  if (weightFits(twice(right))) return explanation('folded-twice', 'FOLDED_TWICE');
  if (fitsWrongAxis(original, folded, right.scale, tolerance)) {
    return explanation('wrong-axis', 'WRONG_AXIS');
  }
  return explanation('unknown', 'WEIGHT_UNEXPLAINED');
}

function explainBias(
  original: WeightMatrix,
  reference: FoldReference,
  folded: FoldedLayer,
  biasFits: (affine: Affine, convBias?: Float64Array | null) => boolean,
): Explanation {
  const right = affineOf(reference);
  if (biasFits(right)) {
    const once = fitsScale(original, folded, right.scale, roundedOnce[folded.dtype] * 1.01);
    return once
      ? explanation('right', 'FOLDED_RIGHT')
      : explanation('right-in-float32', 'FOLDED_RIGHT_IN_FLOAT32');
  }
  const hasBias = reference.convBias?.some((value) => value !== 0) ?? false;
  if (hasBias && biasFits(right, null)) {
    return explanation('bias-dropped', 'BIAS_DROPPED');
  }
  if (folded.bias === null || folded.bias.every((value) => value === 0)) {
    return explanation('shift-dropped', 'SHIFT_MISSING');
  }
  const isUnchanged = folded.bias.every((value, c) => value === (reference.convBias?.[c] ?? 0));
  return isUnchanged
    ? explanation('shift-dropped', 'BIAS_UNCHANGED')
    : explanation('unknown', 'BIAS_UNEXPLAINED');
}

function explanation(recipe: Recipe, code: DriftSentenceCode): Explanation {
  return { recipe, eps: null, bn: null, ...driftSentence(code) };
}

function otherEps(expected: number, found: number): Explanation {
  const words = driftSentence('OTHER_EPS', String(found), shownEps(expected));
  return { recipe: 'other-eps', eps: found, bn: null, ...words };
}

/** ONNX keeps eps as float32: 0.001 comes as 0.0010000000474974513, which nobody wrote. */
export function shownEps(eps: number): string {
  return String(Number(eps.toPrecision(6)));
}

/** Composition of the constants between and the BatchNorm. */
function affineOf(
  reference: FoldReference,
  deviation = (variance: number, eps: number): number => Math.sqrt(variance + eps),
): Affine {
  const { between, gamma, beta, mean, variance, eps } = reference;
  const at = (values: Float64Array, channel: number): number => values[channel] ?? NaN;
  const last = gamma.map((factor, c) => factor / deviation(at(variance, c), eps));
  const start: Affine = { scale: last.map(() => 1), shift: last.map(() => 0) };
  const inner = between.reduce<Affine>(
    ({ scale, shift }, step) => ({
      scale: scale.map((value, c) => value * at(step.factor, c)),
      shift: shift.map((value, c) => value * at(step.factor, c) + at(step.shift, c)),
    }),
    start,
  );
  return {
    scale: inner.scale.map((value, c) => value * at(last, c)),
    shift: inner.shift.map((value, c) => (value - at(mean, c)) * at(last, c) + at(beta, c)),
  };
}

function twice({ scale, shift }: Affine): Affine {
  return {
    scale: scale.map((value) => value * value),
    shift: shift.map((value, c) => value * ((scale[c] ?? NaN) + 1)),
  };
}

/** Whether every element of `folded` is the original's times its channel's factor. */
function fitsScale(
  original: WeightMatrix,
  folded: FoldedLayer,
  scale: Float64Array,
  tolerance: number,
): boolean {
  const { values } = folded.weight;
  if (original.values.length !== values.length) return false;
  return fitsRowScale(original.values, values, scale, tolerance, floorOf(folded));
}

/** Whether `folded` is scaled by the factor of its input channel; only square ungrouped weights can be. */
function fitsWrongAxis(
  original: WeightMatrix,
  folded: FoldedLayer,
  scale: Float64Array,
  tolerance: number,
): boolean {
  const { reduction, taps, channels, values } = original;
  if (reduction / taps !== channels || values.length !== folded.weight.values.length) return false;
  return fitsInputScale(values, folded.weight.values, scale, taps, tolerance, floorOf(folded));
}

/** Below the largest value's millionth, and where the type has no digits left, an error is judged as if at that edge. */
function floorOf({ weight: { values }, dtype }: FoldedLayer): number {
  return Math.max((rowMaxima(values, 1)[0] ?? 0) * FLOOR, smallestNormal[dtype]);
}

/** Smaller values have fewer digits. */
const smallestNormal: Readonly<Record<FloatDType, number>> = {
  f64: 2 ** -1022,
  f32: 2 ** -126,
  f16: 2 ** -14,
  bf16: 2 ** -126,
};

/** Share of a tensor's largest value below which relative errors are not looked at. */
const FLOOR = 1e-6;

/** A bias is judged against the layer's scale: near zero its relative error means nothing (FOLDING.md section 6). */
function fitsBias(
  folded: FoldedLayer,
  affine: Affine,
  convBias: Float64Array | null,
  tolerance: number,
): boolean {
  const expected = affine.shift.map(
    (shift, c) => shift + (convBias?.[c] ?? 0) * (affine.scale[c] ?? NaN),
  );
  const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return expected.every(
    (value, c) =>
      Math.abs(value - (folded.bias?.[c] ?? 0)) <=
      tolerance * Math.max(largest, Number.MIN_VALUE) * BIAS_SLACK,
  );
}

/** mean·scale may be much larger than the bias that remains of it. */
const BIAS_SLACK = 4;

/**
 * The eps that explains the folded weight, from the channel whose variance is smallest: there it matters most.
 * scale' = gamma/√(var + eps')·between, so eps' = (gamma·between/scale')² − var. Null when it is not a plausible eps.
 */
function solveEps(
  original: WeightMatrix,
  reference: FoldReference,
  folded: WeightMatrix,
): number | null {
  const { gamma, variance } = reference;
  const withoutEps = affineOf({ ...reference, variance: variance.map(() => 1), eps: 0 }).scale;
  let best: { variance: number; eps: number } | null = null;
  for (let channel = 0; channel < original.channels; channel++) {
    const scale = rowScale(original, folded, channel);
    const channelVariance = variance[channel] ?? NaN;
    if (scale === 0 || !Number.isFinite(scale) || gamma[channel] === 0) continue;
    const eps = ((withoutEps[channel] ?? NaN) / scale) ** 2 - channelVariance;
    if (best === null || channelVariance < best.variance) best = { variance: channelVariance, eps };
  }
  return best !== null && best.eps >= 0 && best.eps < MAX_EPS ? best.eps : null;
}

/** No network was seen with a larger one. */
const MAX_EPS = 1;

/** Least-squares factor from a row of the original to the same row of the folded weight. */
function rowScale(original: WeightMatrix, folded: WeightMatrix, channel: number): number {
  let [product, power] = [0, 0];
  for (
    let index = channel * original.reduction;
    index < (channel + 1) * original.reduction;
    index++
  ) {
    const value = original.values[index] ?? NaN;
    product += value * (folded.values[index] ?? NaN);
    power += value * value;
  }
  return power === 0 ? 0 : product / power;
}
