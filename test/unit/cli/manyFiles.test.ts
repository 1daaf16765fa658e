import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { FuseReport } from '../../../src/protocol/reports';
import { bundledScript } from '../../support/bundledEngine';
import { external, input, model, node, output, sub, tensorProto } from '../../support/onnxBytes';
import { randomFloats, relativeError, runModel } from '../../support/onnxRuntime';
import { temporaryFolder } from '../../support/temporaryFolder';

/** Pairs with five tensors each, every one in a file of its own. */
const PAIRS = 40;

test(
  'a model of 200 data files is fused by a process that may have 64 files open',
  { skip: process.platform === 'win32' },
  async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'net.onnx');
    const fields = Array.from({ length: PAIRS }, (_, idx) => pairWithFiles(folder, `p${idx}`));
    writeFileSync(path, model([input('x', [1, 1, 2, 2]), ...fields.flat()]));

    const script = 'ulimit -n 64; exec "$0" "$@"';
    const args = [bundledScript('cli'), 'fuse', path, '--json'];
    const stdout = execFileSync('bash', ['-c', script, process.execPath, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const report = JSON.parse(stdout) as FuseReport;
    assert.equal(report.folded.length, PAIRS);
    // The weights; the BatchNorms' files are no part of the output any more.
    assert.equal(report.files.length, 1 + PAIRS);
    assert.equal(readdirSync(folder).length, 1 + 5 * PAIRS + 1 + PAIRS);

    const feeds = { x: randomFloats(1, 1, 1, 2, 2) };
    const [before, after] = [await runModel(path, feeds), await runModel(report.output!, feeds)];
    for (const [name, values] of before) {
      assert.ok(relativeError(values, after.get(name)!) <= 1e-6, name);
    }
  },
);

/** A convolution of one to two channels and its BatchNormalization. */
function pairWithFiles(folder: string, prefix: string): Uint8Array[] {
  const tensors: readonly [string, number[], number[]][] = [
    ['weight', [2, 1, 1, 1], [0.75, -1.25]],
    ['gamma', [2], [1.5, -0.5]],
    ['beta', [2], [0.125, 2]],
    ['mean', [2], [-0.3, 0.7]],
    ['var', [2], [0.9, 0.04]],
  ];
  const [weight = '', ...statistics] = tensors.map(([name]) => `${prefix}.${name}`);
  return [
    node('Conv', ['x', weight], [`${prefix}.c`]),
    node('BatchNormalization', [`${prefix}.c`, ...statistics], [`${prefix}.y`]),
    output(`${prefix}.y`),
    ...tensors.map(([name, dims, values]) => {
      const location = `${prefix}.${name}.bin`;
      writeFileSync(join(folder, location), new Uint8Array(Float32Array.from(values).buffer));
      return sub(5, tensorProto(`${prefix}.${name}`, dims, 'f32', external({ location })));
    }),
  ];
}
