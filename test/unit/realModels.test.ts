import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { foldPair } from '../../src/core/folding/foldPair';
import { openOnnx } from '../../src/core/formats/onnx/openOnnx';
import { openModel } from '../../src/core/formats/openModel';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { findPairs } from '../../src/core/pairing/findPairs';
import { screenValues } from '../../src/core/statistics/screenValues';
import type { FuseReport, InspectReport } from '../../src/protocol/reports';
import { executePlan } from '../support/executePlan';
import { memoryFiles } from '../support/memoryFiles';
import { allGraphs } from '../support/onnxPair';
import { runCliJson } from '../support/runCli';
import { temporaryFolder } from '../support/temporaryFolder';
import { tensorsOf } from '../support/torchPair';

/** Folder with published networks that are not part of the project; without it there is nothing to test here. */
const folder = process.env['FUSEBN_MODELS'];

if (folder !== undefined) {
  describe('version-RFB-320.onnx', () => {
    const options = { policy: 'bevfusion', eps: [], layout: 'auto', structure: null } as const;
    const open = (bytes: Uint8Array): OpenedModel =>
      openOnnx(new MemorySource(bytes), memoryFiles({}));

    test('has 35 fusable pairs, and no BatchNormalization when they are folded', () => {
      const model = open(readFileSync(join(folder, 'version-RFB-320.onnx')));
      const { pairs, unpaired } = screenValues(model, findPairs(model, options));
      assert.equal(pairs.filter(({ verdict }) => verdict === 'fusable').length, 35);
      assert.equal(pairs.length + unpaired.length, 35);
      const folds = pairs.map((pair) => foldPair(model, pair));
      const plan = model.plan(folds, { mode: 'fold', outputName: 'fused.onnx' });
      const fused = open(executePlan(plan, model.sources).get('fused.onnx')!);
      const types = allGraphs(fused).flatMap((graph) => graph.nodes.map((node) => node.opType));
      assert.ok(!types.includes('BatchNormalization'));
      assert.ok(!types.includes('Identity'));
    });
  });

  describe('published checkpoints', () => {
    const fuse = async (
      t: TestContext,
      name: string,
    ): Promise<{
      readonly report: FuseReport;
      readonly values: ReadonlyMap<string, Float64Array>;
    }> => {
      const output = join(temporaryFolder(t), name);
      const { json } = await runCliJson(['fuse', join(folder, name), '-o', output]);
      const report = json as unknown as FuseReport;
      if (report.output === null) return { report, values: new Map() };
      const source = new MemorySource(readFileSync(output), name);
      const model = await openModel(source, memoryFiles({}));
      const tensors =
        model.network.kind === 'modules'
          ? tensorsOf(model).values()
          : allGraphs(model).flatMap(({ initializers }) => [...initializers.values()]);
      const values = Array.from(
        tensors,
        (tensor) => [tensor.name, model.readValues(tensor)] as const,
      );
      return { report, values: new Map(values) };
    };

    test('version-RFB-320.pth folds to the tensors of its ONNX file', async (t) => {
      const [checkpoint, exported] = [
        await fuse(t, 'version-RFB-320.pth'),
        await fuse(t, 'version-RFB-320.onnx'),
      ];
      assert.equal(checkpoint.report.folded.length, 35);
      for (const [name, values] of checkpoint.values) {
        const other = exported.values.get(name);
        assert.ok(other !== undefined, name);
        const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
        values.forEach((value, idx) => {
          // ONNX keeps eps as a float32, which may move the last bit.
          assert.ok(Math.abs(value - (other[idx] ?? NaN)) <= largest * 2 ** -22, name);
        });
      }
    });

    test('yunet_n.pth has the BatchNorm of its stem behind the first of two convolutions', async (t) => {
      const { report } = await fuse(t, 'yunet_n.pth');
      assert.ok(report.folded.includes('backbone.model0.conv1'));
      const { json } = await runCliJson(['inspect', join(folder, 'yunet_n.pth')]);
      const { pairs } = json as unknown as InspectReport;
      const stem = pairs.find(({ id }) => id === 'backbone.model0.conv1');
      assert.equal(stem?.bn.name, 'backbone.model0.bn1');
    });

    test('crepe_tiny.pth, convolution, ReLU, BatchNorm under names that hide it, is left alone', async (t) => {
      const { report } = await fuse(t, 'crepe_tiny.pth');
      assert.equal(report.output, null);
      const codes = report.left.map(({ reasons }) => reasons.map(({ code }) => code));
      assert.equal(codes.length, 6);
      assert.ok(codes.every((each) => each.includes('ACTIVATION_BETWEEN')));
    });
  });
}
