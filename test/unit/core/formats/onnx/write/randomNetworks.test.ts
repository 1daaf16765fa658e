import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import { openOnnx } from '../../../../../../src/core/formats/onnx/openOnnx';
import type { FoldMode } from '../../../../../../src/core/model/openedModel';
import { findGraphPairs } from '../../../../../../src/core/pairing/graph/findGraphPairs';
import { fuse } from '../../../../../support/fuseOnnx';
import { memoryFiles } from '../../../../../support/memoryFiles';
import { randomNetwork } from '../../../../../support/randomNetwork';
import { randomFloats, relativeError, runModel } from '../../../../../support/onnxRuntime';

const NETWORKS = 250;
const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
/** Float32 arithmetic in another order, over a dozen layers; a wrong fold is off by 1e-2 and more. */
const TOLERANCE = 1e-5;

for (const mode of ['fold', 'drop-in'] satisfies FoldMode[]) {
  test(`${NETWORKS} random networks compute the same with --mode ${mode}, and nothing foldable is left`, async () => {
    let foldable = 0;
    for (let seed = 1; seed <= NETWORKS; seed++) {
      const network = randomNetwork(seed);
      const fused = fuse(openOnnx(new MemorySource(network.bytes), memoryFiles()), mode);
      const folded = fused.pairs.filter(({ verdict }) => verdict === 'fusable');
      assert.equal(folded.length, network.foldable, `seed ${seed}`);
      foldable += folded.length;
      const left = findGraphPairs(fused.model, options).pairs.filter(
        ({ verdict }) => verdict === 'fusable',
      );
      assert.equal(left.length, mode === 'fold' ? 0 : folded.length, `seed ${seed}`);

      const feeds = { x: randomFloats(seed, ...network.inputShape) };
      const expected = await runModel(network.bytes, feeds);
      const found = await runModel(fused.bytes, feeds);
      assert.deepEqual([...found.keys()], [...expected.keys()], `seed ${seed}`);
      for (const [name, values] of expected) {
        const error = relativeError(values, found.get(name)!);
        assert.ok(error <= TOLERANCE, `seed ${seed}: output ${name} is off by ${error}`);
      }
    }
    assert.ok(foldable > NETWORKS / 2, 'the networks have something to fold');
  });
}
