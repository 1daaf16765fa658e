import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError, RequestError } from '../../../../../src/core/errors';
import { openOnnx } from '../../../../../src/core/formats/onnx/openOnnx';
import { fuse } from '../../../../support/fuseOnnx';
import { memoryFiles } from '../../../../support/memoryFiles';
import { projectPath } from '../../../../support/root';

const ROUNDS = 2000;
/** One file of a few kilobytes; loaded machines are slow. */
const MAX_MS = 5000;

const originals = ['test/fixtures/onnx', 'test/fixtures/cases/onnx'].flatMap((folder) =>
  readdirSync(projectPath(folder))
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => new Uint8Array(readFileSync(join(projectPath(folder), name)))),
);

let state = 20261123;
/** An integer from 0 to below `end`, the same in every run. */
function below(end: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * end);
}

function mutate(original: Uint8Array): Uint8Array {
  const bytes = original.slice();
  const at = below(bytes.length);
  switch (below(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(20))]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - below(20)))]);
    case 3:
      bytes[at]! ^= 1 << below(8);
      return bytes;
    default:
      bytes[at] = below(256);
      return bytes;
  }
}

test(`of ${ROUNDS} damaged files each is fused or refused with a sentence`, () => {
  let fused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = mutate(originals[below(originals.length)]!);
    const started = performance.now();
    try {
      fuse(openOnnx(new MemorySource(bytes), memoryFiles()));
      fused++;
    } catch (error) {
      const isExpected = error instanceof ModelFormatError || error instanceof RequestError;
      assert.ok(isExpected, `round ${round}: ${String(error)}`);
    }
    assert.ok(performance.now() - started < MAX_MS);
  }
  // Most of the bytes are weights, where a change is no damage.
  assert.ok(fused > ROUNDS / 10, `${fused} files were fused`);
});
