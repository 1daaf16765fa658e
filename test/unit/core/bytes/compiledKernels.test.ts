import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { foldRunsSourceHash } from '../../../../src/core/folding/kernels/foldRunsBinary';
import { predictMeansSourceHash } from '../../../../src/core/statistics/kernels/predictMeansBinary';
import { projectPath } from '../../../support/root';

const modules = [
  { sources: ['foldRuns.ts', 'smallFloats.ts'], hash: foldRunsSourceHash },
  { sources: ['predictMeans.ts'], hash: predictMeansSourceHash },
];

for (const { sources, hash } of modules) {
  test(`the compiled loops of ${sources.join(' and ')} are those of assembly/ (npm run build:kernels makes them anew)`, () => {
    const found = createHash('sha256');
    for (const name of sources) found.update(readFileSync(projectPath(`assembly/${name}`)));
    assert.equal(found.digest('hex'), hash);
  });
}
