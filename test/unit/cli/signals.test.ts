import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { OnnxBuilder } from '../../../bench/onnxBuilder';
import { runCli } from '../../support/runCli';
import { temporaryFolder } from '../../support/temporaryFolder';

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(
    `${signal} while writing ends with 130 and leaves no output`,
    { timeout: 60_000 },
    async (t) => {
      const folder = temporaryFolder(t);
      const model = join(folder, 'large.onnx');
      makeLargeModel(model);
      const run = await runCli(['fuse', model, '--json'], {
        onStart: (kill) => {
          const watch = setInterval(() => {
            const growing = readdirSync(folder).find((name) => name.endsWith('.fusebn-part'));
            if (growing === undefined || statSync(join(folder, growing)).size === 0) return;
            clearInterval(watch);
            kill(signal);
          }, 2);
          t.after(() => {
            clearInterval(watch);
          });
        },
      });
      assert.equal(run.exitCode, 130, run.stdout + run.stderr);
      assert.deepEqual(JSON.parse(run.stdout), {
        error: { code: 'CANCELLED', message: 'Cancelled' },
      });
      assert.deepEqual(readdirSync(folder), ['large.onnx']);
    },
  );
}

/** 100 convolutions of 1024 channels: 3.8 GB of zeros, which take no room on the disk. */
function makeLargeModel(path: string): void {
  const builder = new OnnxBuilder(false);
  let value = 'input';
  for (let layer = 0; layer < 100; layer++) {
    value = builder.convBatchNorm(value, [1024, 1024, 3, 3]);
  }
  builder.write(path, [1, 1024, 2, 2], { name: value, shape: [1, 1024, 2, 2] });
}
