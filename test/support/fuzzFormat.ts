import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelFormatError, RequestError } from '../../src/core/errors';
import { foldPair } from '../../src/core/folding/foldPair';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { findPairs } from '../../src/core/pairing/findPairs';
import { mutate, seededRandom } from './mutate';
import { torchFixture } from './torchFixtures';

/** Mutated files of each container; FUSEBN_FUZZ asks for another number. */
const FILES = Number(process.env['FUSEBN_FUZZ'] ?? 20_000);
/** Nothing may take longer, on however slow a machine. */
const MAX_MS = 2000;

/** A test that damages a fixture in many ways: each must give a model that can be folded, or a clear error. */
export function fuzzFormat(
  name: string,
  open: (bytes: Uint8Array, name: string) => OpenedModel,
  files = FILES,
): void {
  test(`${files} damaged copies of ${name} give a model or a clear error`, () => {
    const original = torchFixture(name);
    const random = seededRandom(20261123);
    for (let idx = 0; idx < files; idx++) {
      const bytes = mutate(original, random);
      const start = performance.now();
      try {
        use(open(bytes, name));
      } catch (error) {
        const isClear = error instanceof ModelFormatError || error instanceof RequestError;
        if (!isClear) throw new Error(`damaged copy ${idx} of ${name}`, { cause: error });
      }
      const elapsed = performance.now() - start;
      assert.ok(elapsed < MAX_MS, `damaged copy ${idx} of ${name} took ${elapsed} ms`);
    }
  });
}

/** What a fuse does with a file, short of writing it. */
function use(model: OpenedModel): void {
  const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
  const pairs = findPairs(model, options).pairs.filter(({ verdict }) => verdict === 'fusable');
  const folds = pairs.map((pair) => foldPair(model, pair));
  if (folds.length === 0) return;
  for (const mode of ['fold', 'drop-in'] as const) {
    model.plan(folds, { mode, outputName: 'fused.pth' });
  }
}
