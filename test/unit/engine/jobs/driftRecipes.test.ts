import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { describe, it } from 'node:test';
import type { Recipe } from '../../../../src/core/drift/explainFold';
import { EngineJobs } from '../../../../src/engine/jobs/engineJobs';
import { JobContext } from '../../../../src/engine/jobs/jobContext';
import type { DriftParams, DriftReport } from '../../../../src/protocol/drift';
import { bundledScript } from '../../../support/bundledEngine';
import { projectPath } from '../../../support/root';

const fixture = (name: string) => projectPath('test/fixtures/drift', name);
const jobs = new EngineJobs(dirname(bundledScript('driftRuntime')));

function measure(model: string, fused: string, accumulated = false): Promise<DriftReport> {
  const params: DriftParams = {
    path: fixture(model),
    fused: fixture(fused),
    policy: 'all',
    // The checkpoints do not say it; the ONNX files do.
    eps: model.endsWith('.onnx') ? [] : [{ prefix: '', value: 1e-3 }],
    layout: 'auto',
    structure: null,
    statistics: false,
    inputs: [],
    axes: [],
    samples: 1,
    seed: 0,
    accumulated,
    runtime: 'auto',
  };
  return jobs.drift(params, new JobContext(), () => undefined);
}

/** 0.001 is another number in ONNX, which keeps it as float32: the last bit may differ. */
const right: readonly (string | undefined)[] = ['right', 'right-in-float32'];

const containers = ['onnx', 'pth', 'safetensors'];

const mistakes: readonly (readonly [string, Recipe])[] = [
  ['wrong_eps', 'other-eps'],
  ['eps_outside_root', 'eps-outside-root'],
  ['bias_dropped', 'bias-dropped'],
  ['shift_missing', 'shift-dropped'],
  ['wrong_axis', 'wrong-axis'],
  ['neighbour', 'neighbour'],
  ['folded_twice', 'folded-twice'],
];

describe('what another tool did to one layer', () => {
  for (const [name, recipe] of mistakes) {
    it(`is named ${recipe} between any two containers, and labelled bad there alone`, async () => {
      for (const model of containers) {
        for (const fused of containers) {
          const { layers } = await measure(`net.${model}`, `${name}.${fused}`);
          const odd = layers.filter(({ explanation }) => !right.includes(explanation?.recipe));
          const found = odd.map(({ explanation, label }) => [explanation?.recipe, label]);
          assert.deepEqual(found, [[recipe, 'bad']], `${model} against ${fused}`);
          assert.match(odd[0]?.id ?? '', /square\.0/);
          assert.equal(layers.length, 5);
        }
      }
    });
  }

  it('is nothing where every layer was folded right, between any two containers', async () => {
    for (const model of containers) {
      for (const fused of containers) {
        const { layers } = await measure(`net.${model}`, `right.${fused}`);
        assert.equal(layers.length, 5);
        for (const { explanation, label, id } of layers) {
          assert.ok(right.includes(explanation?.recipe), `${model} against ${fused}: ${id}`);
          assert.equal(label, 'ok', `${model} against ${fused}: ${id}`);
        }
      }
    }
  });
});

describe('files folded by tools of all kinds', () => {
  const tools = [
    'by_onnxruntime',
    'by_onnxruntime_in_blocks',
    'by_onnxsim',
    'by_onnxoptimizer',
    'by_exporter',
    'by_new_exporter',
  ];
  for (const tool of tools) {
    it(`are matched completely and found right: ${tool}`, async () => {
      const report = await measure('net.onnx', `${tool}.onnx`, true);
      assert.equal(report.note, null);
      assert.equal(report.layers.length, 5);
      for (const { id, label, explanation, accumulated } of report.layers) {
        assert.equal(label, 'ok', id);
        assert.equal(explanation?.recipe, 'right-in-float32', id);
        assert.notEqual(accumulated, null, id);
      }
    });

    it(`are matched with the checkpoint the network came from: ${tool}`, async () => {
      for (const checkpoint of ['net.pth', 'net.safetensors']) {
        const { layers } = await measure(checkpoint, `${tool}.onnx`);
        const found = layers.map(({ explanation, label }) => `${explanation?.recipe} ${label}`);
        assert.deepEqual(found, new Array(5).fill('right-in-float32 ok'), checkpoint);
      }
    });
  }

  it('are found not folded where the exporter kept every BatchNorm and computes the biases', async () => {
    const report = await measure('net.onnx', 'not_optimized.onnx', true);
    assert.equal(report.layers.length, 5);
    for (const { id, label, explanation, isolated } of report.layers) {
      assert.equal(explanation?.code, 'BATCHNORM_STILL_THERE', id);
      assert.equal(label, 'ok', id);
      assert.equal(isolated?.sqnrDb, 'identical', id);
    }
  });
});
