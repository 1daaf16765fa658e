import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { roundTo } from '../../../../src/core/bytes/floats';
import { explainFold, type Recipe } from '../../../../src/core/drift/explainFold';
import { gaussianPatch } from '../../../../src/core/drift/patch';
import type { FoldedLayer } from '../../../../src/core/drift/isolated';
import type { WeightMatrix } from '../../../../src/core/drift/weightMatrix';
import type { FoldReference } from '../../../../src/core/model/fold';

const channels = 6;
const taps = 9;
const reduction = channels * taps;

function weight(seed: number): WeightMatrix {
  const values = gaussianPatch(seed, channels * reduction).map(Math.fround);
  return { channels, reduction, taps, groups: 1, values };
}

function reference(seed: number, convBias: Float64Array | null): FoldReference {
  return {
    convBias,
    between: [],
    gamma: gaussianPatch(seed, channels).map((v) => 1 + 0.3 * v),
    beta: gaussianPatch(seed + 1, channels),
    mean: gaussianPatch(seed + 2, channels),
    variance: gaussianPatch(seed + 3, channels).map((v) => 0.002 + 0.01 * v * v),
    eps: 1e-3,
    biasFactor: 1,
  };
}

/** Folds as a tool would that takes `deviation` for √(var+eps), in float32 storage. */
function fold(
  original: WeightMatrix,
  ref: FoldReference,
  mistake: {
    deviation?: (variance: number) => number;
    convBias?: Float64Array | null;
    scaleOf?: (index: number) => number;
  } = {},
) {
  const deviation = mistake.deviation ?? ((variance: number) => Math.sqrt(variance + ref.eps));
  const scale = ref.gamma.map((g, c) => g / deviation(ref.variance[c]!));
  const convBias = mistake.convBias === undefined ? ref.convBias : mistake.convBias;
  const scaleOf = mistake.scaleOf ?? ((index: number) => Math.floor(index / reduction));
  const values = original.values.map((v, idx) => Math.fround(v * scale[scaleOf(idx)]!));
  const bias = scale.map((s, c) =>
    Math.fround(((convBias?.[c] ?? 0) - ref.mean[c]!) * s + ref.beta[c]!),
  );
  return { weight: { ...original, values }, bias, dtype: 'f32' as const };
}

describe('explainFold', () => {
  const original = weight(1);
  const ref = reference(10, gaussianPatch(99, channels));
  const other = { name: 'bn2', reference: reference(20, null) };
  const recipeOf = (folded: FoldedLayer): Recipe =>
    explainFold(original, ref, folded, [other]).recipe;

  it('knows a right fold', () => {
    assert.equal(recipeOf(fold(original, ref)), 'right');
  });

  it('knows a right fold computed in float32', () => {
    const scale = ref.gamma.map((g, c) => Math.fround(g / Math.sqrt(ref.variance[c]! + ref.eps)));
    const folded = fold(original, ref);
    folded.weight.values.forEach((_, idx) => {
      const product = Math.fround(original.values[idx]! * scale[Math.floor(idx / reduction)]!);
      folded.weight.values[idx] = product;
    });
    assert.equal(recipeOf(folded), 'right-in-float32');
  });

  it('names a usual wrong eps and solves for an unusual one', () => {
    const usual = fold(original, ref, { deviation: (v) => Math.sqrt(v + 1e-5) });
    assert.deepEqual(explainFold(original, ref, usual, []).eps, 1e-5);
    const unusual = fold(original, ref, { deviation: (v) => Math.sqrt(v + 0.0234) });
    assert.deepEqual(explainFold(original, ref, unusual, []).eps, 0.0234);
  });

  it('names eps outside the root', () => {
    const folded = fold(original, ref, { deviation: (v) => Math.sqrt(v) + ref.eps });
    assert.equal(recipeOf(folded), 'eps-outside-root');
  });

  it('names a dropped convolution bias and a dropped shift', () => {
    assert.equal(recipeOf(fold(original, ref, { convBias: null })), 'bias-dropped');
    assert.equal(
      recipeOf({ ...fold(original, ref), bias: new Float64Array(channels) }),
      'shift-dropped',
    );
  });

  it('names the wrong axis on a square weight', () => {
    const folded = fold(original, ref, { scaleOf: (idx) => Math.floor((idx % reduction) / taps) });
    assert.equal(recipeOf(folded), 'wrong-axis');
  });

  it('names the BatchNorm of a neighbour', () => {
    const folded = fold(original, { ...other.reference, convBias: ref.convBias });
    assert.deepEqual(explainFold(original, ref, folded, [other]).bn, 'bn2');
  });

  it('knows a pair that was not folded, and says when nothing fits', () => {
    assert.equal(recipeOf({ weight: original, bias: ref.convBias!, dtype: 'f32' }), 'not-folded');
    assert.equal(recipeOf(fold(weight(5), ref)), 'unknown');
  });

  it('knows a right fold in float16 whose smallest values have no digits left', () => {
    const small = { ...original, values: original.values.map((v) => roundTo(v * 1e-4, 'f16')) };
    const scale = ref.gamma.map((g, c) => g / Math.sqrt(ref.variance[c]! + ref.eps));
    const values = small.values.map((v, idx) =>
      roundTo(v * scale[Math.floor(idx / reduction)]!, 'f16'),
    );
    const bias = fold(original, ref).bias.map((v) => roundTo(v, 'f16'));
    const folded = { weight: { ...small, values }, bias, dtype: 'f16' as const };
    assert.equal(explainFold(small, ref, folded, []).recipe, 'right');
  });

  it('names a fold that was applied twice', () => {
    const once = fold(original, ref);
    const twice = fold(once.weight, ref, { convBias: once.bias });
    assert.equal(recipeOf(twice), 'folded-twice');
  });
});
