import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchNorm, type ModuleSketch, type TensorSketch } from '../../../../support/moduleNetwork';
import { pairsOf } from '../../../../support/modulePairing';

const quantized = (
  weight: readonly number[],
  amax: readonly number[],
  channels: number,
): ModuleSketch[] => [
  ['conv.0', { weight }],
  ['conv.0._input_quantizer', { _amax: [] }],
  ['conv.0._weight_quantizer', { _amax: amax } satisfies TensorSketch],
  ['conv.1', batchNorm(channels)],
];

const found = (
  sketches: readonly ModuleSketch[],
  layout: 'auto' | 'spconv2' = 'auto',
): string[] => {
  const [pair] = pairsOf(sketches, { layout }).pairs;
  assert.ok(pair !== undefined);
  assert.notEqual(pair.verdict, 'blocked');
  return [
    ...pair.quantizers.map(({ tensor, granularity }) => `${tensor.name} ${granularity}`),
    ...pair.reasons.map(({ code }) => code).filter((code) => !/LAYOUT|POLICY/.test(code)),
  ];
};

const name = 'conv.0._weight_quantizer._amax';

describe('quantizers of a convolution', () => {
  test('a per-channel amax of the weight is rescaled, on the axis of each layout', () => {
    const rescaled = [`${name} channel`, 'AMAX_RESCALED'];
    const sparse = [...rescaled, 'WEIGHTS_FAKE_QUANTIZED'];
    assert.deepEqual(found(quantized([32, 16, 3, 3], [32, 1, 1, 1], 32)), rescaled);
    assert.deepEqual(found(quantized([16, 32, 4, 4], [1, 32, 1, 1], 32)), rescaled);
    assert.deepEqual(found(quantized([3, 3, 3, 16, 32], [1, 1, 1, 1, 32], 32)), sparse);
    assert.deepEqual(found(quantized([32, 3, 3, 3, 16], [32, 1, 1, 1, 1], 32)), sparse);
  });

  test('a per-tensor amax is stale, and so is one along another axis', () => {
    assert.deepEqual(found(quantized([32, 16, 3, 3], [], 32)), [`${name} tensor`, 'AMAX_STALE']);
    assert.deepEqual(found(quantized([32, 32, 3, 3], [1, 32, 1, 1], 32)), [
      `${name} tensor`,
      'AMAX_STALE',
    ]);
    // With one tap spconv 2 uses the weight as [in, out]: the first axis is not the output's.
    assert.deepEqual(found(quantized([32, 1, 1, 1, 32], [32, 1, 1, 1, 1], 32), 'spconv2'), [
      `${name} tensor`,
      'AMAX_STALE',
      'WEIGHTS_FAKE_QUANTIZED',
    ]);
  });

  test('a sparse weight whose quantizer was off is as trained', () => {
    const sketches = quantized([3, 3, 3, 16, 32], [1, 1, 1, 1, 32], 32).map(
      ([path, tensors]): ModuleSketch => [
        path,
        tensors,
        path.endsWith('_weight_quantizer') ? { attributes: new Map([['_disabled', true]]) } : {},
      ],
    );
    assert.deepEqual(found(sketches), [`${name} channel`, 'AMAX_RESCALED']);
  });
});
