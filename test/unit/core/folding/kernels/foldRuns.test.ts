import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { foldRunsSourceHash } from '../../../../../src/core/folding/kernels/foldRunsBinary';
import { projectPath } from '../../../../support/root';

test('the compiled loops are those of assembly/foldRuns.ts (npm run build:kernels makes them anew)', () => {
  const source = readFileSync(projectPath('assembly/foldRuns.ts'));
  assert.equal(createHash('sha256').update(source).digest('hex'), foldRunsSourceHash);
});
