import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTorch } from '../../../../src/core/formats/torch/openTorch';
import { FileSource } from '../../../../src/engine/files/fileSource';
import { temporaryFolder } from '../../../support/temporaryFolder';
import { torchFixture } from '../../../support/torchFixtures';

/** Stands in for the weights: what follows the five pickles of a legacy file must not be read with them. */
const TAIL_BYTES = 4 * 1024 * 1024;

for (const name of ['legacy.pth', 'module-legacy.pth']) {
  test(`${name}: opening reads the pickles, each byte once, and hops over what follows`, (t) => {
    const head = torchFixture(name);
    const path = join(temporaryFolder(t), name);
    writeFileSync(path, Buffer.concat([head, Buffer.alloc(TAIL_BYTES)]));
    const source = new FileSource(path);
    const model = openTorch(source);
    assert.ok(model.format.startsWith('torch'));
    // Reading ahead doubles, so that it goes beyond the end by as much as was read before it, and a page.
    assert.ok(source.bytesRead <= 2 * head.length + 4096, `${source.bytesRead} of ${head.length}`);
    source.close();
  });
}
