import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemorySource } from '../../../../src/core/bytes/byteSource';
import { openTorch } from '../../../../src/core/formats/torch/openTorch';
import type { Pair } from '../../../../src/core/model/pair';
import { findModulePairs } from '../../../../src/core/pairing/modules/findModulePairs';
import { testify, type Testimony } from '../../../../src/core/statistics/testify';

/** Published checkpoints, when FUSEBN_MODELS names a folder that holds them. */
const folder = process.env['FUSEBN_MODELS'] ?? '';

const job = { policy: 'all', onProgress: () => undefined, isCancelled: () => false } as const;

function published(name: string, check: (testimony: Testimony) => void): void {
  const path = join(folder, name);
  const skip = folder === '' || !existsSync(path);
  test(`${name} testifies as its code says`, { skip }, () => {
    const model = openTorch(new MemorySource(new Uint8Array(readFileSync(path)), path));
    const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
    check(testify(model, findModulePairs(model, options), job));
  });
}

function find({ pairing }: Testimony, conv: string): Pair {
  const pair = pairing.pairs.find(({ id }) => id === conv);
  assert.ok(pair, conv);
  return pair;
}

published('crepe_tiny.pth', ({ pairing }) => {
  assert.equal(pairing.pairs.length, 6);
  for (const { verdict, reasons } of pairing.pairs) {
    assert.equal(verdict, 'blocked');
    assert.ok(reasons.some(({ code }) => code === 'ACTIVATION_BETWEEN'));
  }
});

published('version-RFB-320.pth', (testimony) => {
  const { confirmed, contradicted, activation } = testimony.summary;
  assert.ok(confirmed >= 33, String(confirmed));
  assert.equal(contradicted, 0);
  assert.equal(activation, 'relu');
  const linear = find(testimony, 'base_net.7.branch0.1.conv').statistics;
  assert.deepEqual([linear?.from, linear?.activation], ['base_net.7.branch0.0.bn', 'none']);
  const merged = find(testimony, 'base_net.7.ConvLinear.conv').statistics;
  assert.match(
    merged?.fedBy ?? '',
    /^\[base_net\.7\.branch0\.2\.bn, .*branch1\.2\.bn, .*branch2\.3\.bn\]$/,
  );
});

published('mb05.pth', ({ pairing, summary }) => {
  assert.ok(summary.confirmed >= 25, String(summary.confirmed));
  assert.equal(summary.contradicted, 0);
  for (const { bn } of pairing.pairs) {
    assert.deepEqual([bn.eps, bn.epsSource], [1e-5, 'statistics']);
  }
});

published('yunet_n.pth', (testimony) => {
  const first = find(testimony, 'backbone.model0.conv1');
  assert.equal(first.bn.name, 'backbone.model0.bn1');
  assert.equal(first.statistics?.says, 'confirms');
  assert.equal(testimony.summary.contradicted, 0);
});
