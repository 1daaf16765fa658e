import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  layerSignature,
  matchLayers,
  type LayerSignature,
} from '../../../../src/core/drift/matchLayers';
import { gaussianPatch } from '../../../../src/core/drift/patch';
import type { WeightMatrix } from '../../../../src/core/drift/weightMatrix';

const channels = 6;
const taps = 9;
const reduction = channels * taps;

function weight(seed: number): WeightMatrix {
  const values = gaussianPatch(seed, channels * reduction).map(Math.fround);
  return { channels, reduction, taps, groups: 1, values };
}

/** What a fold makes of a weight: each row scaled by its own factor, one of them negative. */
function folded(original: WeightMatrix): WeightMatrix {
  const values = original.values.map((value, idx) => value * (Math.floor(idx / reduction) - 2.5));
  return { ...original, values };
}

/** Names of the matches, sorted. */
function matchNames(
  references: readonly LayerSignature[],
  candidates: readonly LayerSignature[],
): readonly (readonly [string, string])[] {
  const matches = [...matchLayers(references, candidates)];
  return matches.map(([reference, { name }]) => [reference, name] as const).toSorted();
}

describe('matchLayers', () => {
  it('finds folded layers under other names and in another order, and leaves strangers out', () => {
    const weights = [1, 2, 3, 4].map(weight);
    const references = weights.map((w, idx) => layerSignature(`layer${idx}`, w));
    const candidates = [3, 1, 0].map((idx) =>
      layerSignature(`onnx::Conv_${idx}`, folded(weights[idx]!)),
    );
    const matches = matchNames(references, [...candidates, layerSignature('stranger', weight(77))]);
    assert.deepEqual(matches, [
      ['layer0', 'onnx::Conv_0'],
      ['layer1', 'onnx::Conv_1'],
      ['layer3', 'onnx::Conv_3'],
    ]);
  });

  it('lets names decide between twins', () => {
    const twin = (name: string) => layerSignature(name, weight(1));
    const matches = matchNames([twin('a'), twin('b')], [twin('b'), twin('a')]);
    assert.deepEqual(matches, [
      ['a', 'a'],
      ['b', 'b'],
    ]);
  });

  it('matches rows that folding made zero by the others', () => {
    const original = weight(1);
    const values = original.values.map((value, idx) => (idx < 4 * reduction ? 0 : value));
    const matches = matchNames(
      [layerSignature('a', original)],
      [layerSignature('b', { ...original, values }), layerSignature('c', weight(2))],
    );
    assert.deepEqual(matches, [['a', 'b']]);
  });

  it('knows a weight that was scaled along its inputs', () => {
    const square = (seed: number): WeightMatrix => ({
      ...weight(seed),
      reduction: channels,
      taps: 1,
      values: gaussianPatch(seed, channels * channels),
    });
    const original = square(1);
    const values = original.values.map((value, idx) => value * 10 ** ((idx % channels) - 3));
    const spoiled = layerSignature('x', { ...original, values });
    const others = [layerSignature('y', square(2)), layerSignature('z', square(3))];
    assert.deepEqual(matchNames([layerSignature('a', original)], [...others, spoiled]), [
      ['a', 'x'],
    ]);
  });

  it('takes the layer that stands where it should when weights say nothing', () => {
    const references = [1, 2, 3].map((seed) => layerSignature(`layer${seed}`, weight(seed)));
    const candidates = [1, 77, 3].map((seed) => layerSignature(`other${seed}`, weight(seed)));
    assert.deepEqual(matchNames(references, candidates), [
      ['layer1', 'other1'],
      ['layer2', 'other77'],
      ['layer3', 'other3'],
    ]);
  });

  it('takes hundreds of layers of one shape in a moment', () => {
    const wide = (seed: number): WeightMatrix => ({
      channels: 64,
      reduction: 256,
      taps: 1,
      groups: 1,
      values: gaussianPatch(seed, 64 * 256),
    });
    const signatures = Array.from({ length: 300 }, (_, idx) => layerSignature(`${idx}`, wide(idx)));
    const start = performance.now();
    const matches = matchNames(signatures, signatures.toReversed());
    const elapsedMs = performance.now() - start;
    assert.equal(matches.length, 300);
    for (const [reference, candidate] of matches) assert.equal(reference, candidate);
    assert.ok(elapsedMs < 15_000, `${elapsedMs} ms`);
  });
});
