import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isolatedDrift } from '../../../../src/core/drift/isolated';
import { applyReference } from '../../../../src/core/drift/kernels/applyReference';
import { gaussianPatch } from '../../../../src/core/drift/patch';
import { weightMatrix } from '../../../../src/core/drift/weightMatrix';
import type { ConvLayer } from '../../../../src/core/model/layer';
import { contiguousStrides } from '../../../../src/core/model/tensor';
import { projectPath } from '../../../support/root';

/** What test/fixtures/drift/make.py wrote of a real spconv layer on a full 3×3×3 neighbourhood. */
interface SparseGolden {
  readonly seed: number;
  readonly eps: number;
  /** spconv 2: [out, 3, 3, 3, in]. */
  readonly shape: readonly number[];
  readonly spconv1: readonly number[];
  readonly spconv2: readonly number[];
  readonly output: readonly number[];
  readonly weight: readonly number[];
  readonly bias: readonly number[];
  readonly running_mean: readonly number[];
  readonly running_var: readonly number[];
}

const goldens = JSON.parse(
  readFileSync(projectPath('test/fixtures/drift/goldens.json'), 'utf8'),
) as { sparse: SparseGolden };

describe('isolated drift of sparse convolutions', () => {
  const { sparse } = goldens;
  const reference = {
    convBias: null,
    between: [],
    gamma: Float64Array.from(sparse.weight),
    beta: Float64Array.from(sparse.bias),
    mean: Float64Array.from(sparse.running_mean),
    variance: Float64Array.from(sparse.running_var),
    eps: sparse.eps,
    biasFactor: 1,
  };

  for (const layout of ['O*I', '*IO'] as const) {
    it(`computes what real spconv computes, from layout ${layout}`, () => {
      const stored = layout === 'O*I' ? sparse.spconv2 : sparse.spconv1;
      const [out = 0, ...rest] = sparse.shape;
      const shape = layout === 'O*I' ? sparse.shape : [...rest, out];
      const matrix = weightMatrix(sparseConv(layout, shape, out), Float64Array.from(stored));
      const patch = gaussianPatch(sparse.seed, matrix.reduction);
      const sums = new Float64Array(out).map((_, channel) =>
        patch.reduce((sum, x, r) => sum + x * matrix.values[channel * matrix.reduction + r]!, 0),
      );
      // spconv computes in float32: about 7 digits of values near 1 to 10.
      applyReference(sums, reference).forEach((y, channel) => {
        assert.ok(Math.abs(y - sparse.output[channel]!) < 2e-4, `channel ${channel}: ${y}`);
      });
    });
  }

  it('finds nothing between a fold and itself, in either layout', () => {
    const [out = 0, ...rest] = sparse.shape;
    const two = weightMatrix(
      sparseConv('O*I', sparse.shape, out),
      Float64Array.from(sparse.spconv2),
    );
    const one = weightMatrix(
      sparseConv('*IO', [...rest, out], out),
      Float64Array.from(sparse.spconv1),
    );
    const scale = reference.gamma.map((g, c) => g / Math.sqrt(reference.variance[c]! + sparse.eps));
    const folded = {
      weight: {
        ...one,
        values: one.values.map((w, i) => w * scale[Math.floor(i / one.reduction)]!),
      },
      bias: scale.map((s, c) => reference.beta[c]! - reference.mean[c]! * s),
      dtype: 'f32' as const,
    };
    const { metrics } = isolatedDrift(two, reference, folded, { seed: 1, samples: 4 });
    assert.ok(metrics.sqnrDb === 'identical' || metrics.sqnrDb > 280, String(metrics.sqnrDb));
  });
});

function sparseConv(
  layout: 'O*I' | '*IO',
  shape: readonly number[],
  outChannels: number,
): ConvLayer {
  const strides = contiguousStrides(shape);
  const inChannels = layout === 'O*I' ? shape.at(-1)! : shape.at(-2)!;
  return {
    name: 'conv',
    type: 'SubMConv3d',
    weight: { name: 'conv.weight', dtype: 'f32', shape, strides, location: { kind: 'absent' } },
    bias: null,
    layout,
    groups: 1,
    inChannels,
    outChannels,
    kernel: [3, 3, 3],
  };
}
