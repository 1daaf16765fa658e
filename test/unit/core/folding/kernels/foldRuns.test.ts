import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { foldRunsSourceHash } from '../../../../../src/core/folding/kernels/foldRunsBinary';
import { projectPath } from '../../../../support/root';

test('the compiled loops are those of assembly/ (npm run build:kernels makes them anew)', () => {
  const hash = createHash('sha256');
  for (const name of ['foldRuns.ts', 'smallFloats.ts']) {
    hash.update(readFileSync(projectPath(`assembly/${name}`)));
  }
  assert.equal(hash.digest('hex'), foldRunsSourceHash);
});
