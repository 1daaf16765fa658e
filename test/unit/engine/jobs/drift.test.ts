import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import type { Recipe } from '../../../../src/core/drift/explainFold';
import { EngineJobs } from '../../../../src/engine/jobs/engineJobs';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import type { DriftParams, MetricsReport } from '../../../../src/protocol/drift';
import { bundledScript } from '../../../support/bundledEngine';
import { projectPath } from '../../../support/root';

const fixture = (name: string) => projectPath('test/fixtures/drift', name);
const jobs = new EngineJobs(dirname(bundledScript('driftRuntime')));

function measure(fused: string | null, more: Partial<DriftParams> = {}) {
  const params: DriftParams = {
    path: fixture('net.onnx'),
    policy: 'all',
    eps: [],
    layout: 'auto',
    structure: null,
    statistics: false,
    fused: fused === null ? null : fixture(fused),
    inputs: [],
    axes: [],
    samples: 1,
    seed: 0,
    accumulated: true,
    runtime: 'auto',
    ...more,
  };
  return jobs.drift(params, new JobContext(), () => undefined);
}

describe('drift of what a fuse would write', () => {
  it('labels every layer of a right float32 fold ok, on its own and in the whole network', async () => {
    const report = await measure(null, { samples: 2 });
    assert.equal(report.layers.length, 5);
    for (const layer of report.layers) {
      assert.equal(layer.label, 'ok', layer.id);
      assert.equal(layer.explanation?.recipe, 'right', layer.id);
      assert.notEqual(layer.accumulated, null, layer.id);
    }
    assert.deepEqual(
      report.outputs.map(({ name }) => name),
      ['y'],
    );
    assert.match(report.runtime ?? '', /onnxruntime-/);
  });

  it('agrees with NumPy on the isolated figures of every layer', async () => {
    const goldens = JSON.parse(readFileSync(fixture('goldens.json'), 'utf8')) as {
      seed: number;
      samples: number;
      isolated: Record<string, Record<keyof MetricsReport, number>>;
    };
    const { seed, samples } = goldens;
    const report = await measure('right.onnx', { seed, samples, accumulated: false });
    for (const layer of report.layers) {
      const golden = goldens.isolated[layer.id];
      assert.ok(golden, layer.id);
      for (const [name, expected] of Object.entries(golden)) {
        const found = Number(layer.isolated?.[name as keyof MetricsReport]);
        // Differences of nearly equal numbers: the sums' own rounding shows in the seventh digit.
        assert.ok(
          Math.abs(found - expected) <= 1e-6 * Math.abs(expected),
          `${layer.id} ${name}: ${found} ${expected}`,
        );
      }
    }
  });

  it('gives the same figures with the same seed and others with another', async () => {
    const [one, same, other] = [
      await measure(null, { accumulated: false }),
      await measure(null, { accumulated: false }),
      await measure(null, { accumulated: false, seed: 9 }),
    ];
    assert.deepEqual(one, same);
    assert.notDeepEqual(one.layers[0]?.isolated, other.layers[0]?.isolated);
  });
});

describe('drift against the file of another tool', () => {
  const spoiled: readonly (readonly [string, Recipe])[] = [
    ['wrong_eps', 'other-eps'],
    ['bias_dropped', 'bias-dropped'],
    ['wrong_axis', 'wrong-axis'],
    ['neighbour', 'neighbour'],
  ];
  for (const [name, recipe] of spoiled) {
    it(`labels the layer with ${recipe} bad, that layer alone, and names the recipe`, async () => {
      const report = await measure(`${name}.onnx`);
      const bad = report.layers.filter(({ label }) => label === 'bad');
      assert.deepEqual(
        bad.map(({ id, explanation }) => [id, explanation?.recipe]),
        [['/square/square.0/Conv', recipe]],
      );
    });
  }

  for (const tool of ['by_onnxruntime', 'by_onnxsim']) {
    it(`matches every layer of the file folded ${tool.replace('_', ' ')} and finds it right`, async () => {
      const report = await measure(`${tool}.onnx`);
      for (const layer of report.layers) {
        assert.equal(layer.label, 'ok', layer.id);
        assert.equal(layer.explanation?.recipe, 'right-in-float32', layer.id);
        assert.notEqual(layer.accumulated, null, layer.id);
      }
    });
  }

  it('runs a network that takes float16 beside one that takes float32', async () => {
    const report = await measure('right_in_half.onnx');
    assert.equal(report.note, null);
    for (const layer of report.layers) {
      assert.deepEqual([layer.label, layer.dtype], ['ok', 'f16'], layer.id);
      assert.notEqual(layer.accumulated, null, layer.id);
    }
  });

  it('says that an eps was assumed where another explains the fold, or stands in a BatchNorm that is still there', async () => {
    const sentence = async (fused: string): Promise<string> => {
      const report = await measure(fused, { path: fixture('net.pth'), accumulated: false });
      return report.layers.find(({ id }) => id === 'square.0')?.explanation?.sentence ?? '';
    };
    assert.match(await sentence('right.onnx'), /^Folded with eps 0.001 where 0.00001 was assumed/);
    assert.match(await sentence('net.onnx'), /still has .*, with eps 0.001 instead of 0.00001\.$/);
  });

  it('compares a checkpoint with the ONNX file that was exported from it and folded', async () => {
    const eps = [{ prefix: '', value: 1e-3 }];
    const report = await measure('by_onnxruntime.onnx', { path: fixture('net.pth'), eps });
    assert.equal(report.layers.length, 5);
    for (const layer of report.layers) {
      assert.equal(layer.explanation?.recipe, 'right-in-float32', layer.id);
    }
    assert.match(report.note ?? '', /^Accumulated drift needs a network that can be run/);
  });

  it('finds eps wrong in every layer when the checkpoint is read with another', async () => {
    const report = await measure('by_onnxruntime.onnx', { path: fixture('net.pth') });
    for (const { explanation, id } of report.layers) {
      assert.deepEqual([explanation?.recipe, explanation?.eps], ['other-eps', 1e-3], id);
    }
  });

  it('says identical of a file compared with itself, and that it was not folded', async () => {
    const report = await measure('net.onnx');
    for (const { accumulated, explanation, id } of report.layers) {
      assert.equal(accumulated?.sqnrDb, 'identical', id);
      assert.equal(explanation?.recipe, 'not-folded', id);
    }
  });
});

describe('inputs and runtimes', () => {
  async function assertRefused(more: Partial<DriftParams>, sentence: RegExp): Promise<void> {
    const report = await measure(null, more);
    assert.match(report.note ?? '', sentence);
    assert.deepEqual(report.error, { code: 'INPUT_INVALID', message: report.note });
    // What needs no network is shown all the same.
    assert.deepEqual(
      report.layers.map(({ label, accumulated }) => [label, accumulated]),
      new Array(5).fill(['ok', null]),
    );
  }

  it('refuses inputs that do not fit, each with one sentence, and measures each pair on its own', async () => {
    const inputs = [{ name: 'z', path: fixture('input.npy') }];
    await assertRefused({ inputs }, /^The network has no input z; its inputs are x\.$/);
    const shape = [{ name: 'x', path: fixture('wrong_shape.npy') }];
    await assertRefused(
      { inputs: shape },
      /The input x has shape \[batch, 3, 16, 16\], but its file \[1, 3, 8, 8\]\./,
    );
    const dtype = [{ name: 'x', path: fixture('wrong_dtype.npy') }];
    await assertRefused(
      { inputs: dtype },
      /The input x takes float32, but its file holds float64\./,
    );
    const none = [{ name: 'x', path: fixture('make.py') }];
    await assertRefused({ inputs: none }, /is no \.npy file/);
    const missing = [{ name: 'x', path: fixture('nowhere.npy') }];
    await assertRefused({ inputs: missing }, /nowhere\.npy does not exist\.$/);
    const axes = [{ name: 'depth', size: 3 }];
    await assertRefused({ axes }, /^The network has no symbolic axis depth; it has batch\.$/);
  });

  it('runs on the user’s own input', async () => {
    const report = await measure(null, { inputs: [{ name: 'x', path: fixture('input.npy') }] });
    assert.equal(report.note, null);
    assert.equal(
      report.layers.every(({ label }) => label === 'ok'),
      true,
    );
  });

  it('takes arrays out of .npz archives, by the input’s name or by their own', async () => {
    const byName = await measure(null, { inputs: [{ name: 'x', path: fixture('inputs.npz') }] });
    assert.equal(byName.note, null);
    const other = [{ name: 'x', path: fixture('inputs.npz#other') }];
    await assertRefused({ inputs: other }, /takes float32, but its file holds float64/);
    const none = [{ name: 'x', path: fixture('inputs.npz#z') }];
    await assertRefused({ inputs: none }, /has no array z; it has x, other/);
  });

  it('runs in WebAssembly as well', async () => {
    const report = await measure(null, { runtime: 'wasm' });
    assert.match(report.runtime ?? '', /WebAssembly/);
    assert.equal(
      report.layers.every(({ label }) => label === 'ok'),
      true,
    );
  });

  it('measures each pair on its own where the runtime lacks an operator, and says so', async () => {
    const report = await measure(null, { path: fixture('unknown_operator.onnx') });
    assert.match(report.note ?? '', /^ONNX Runtime does not take .*unknown_operator\.onnx: /);
    assert.equal(report.layers.length, 1);
    assert.equal(report.layers[0]?.label, 'ok');
  });
});
