import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { foldPair } from '../../src/core/folding/foldPair';
import { openOnnx } from '../../src/core/formats/onnx/openOnnx';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { findPairs } from '../../src/core/pairing/findPairs';
import { screenValues } from '../../src/core/statistics/screenValues';
import { executePlan } from '../support/executePlan';
import { memoryFiles } from '../support/memoryFiles';
import { allGraphs } from '../support/onnxPair';

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
}
