// Runs test/oracle: fused files, loaded by real PyTorch and spconv. Needs `npm run build` and a Python that has them:
//   PYTHON=.venv/bin/python npm run test:oracle -- -k bevfusion
// Arguments go to Python's unittest. Skips with a sentence where PyTorch is not installed.
import { join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';

const python = process.env.PYTHON ?? 'python3';
const needed = ['torch', 'torchvision', 'safetensors'];
const probe = spawnSync(python, ['-c', `import ${needed.join(', ')}`], { encoding: 'utf8' });
if (probe.status !== 0) {
  const why = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1);
  console.log(
    `Skipped: ${python} does not have ${needed.join(', ')} (${why}). PYTHON names another interpreter.`,
  );
  process.exit(0);
}
const folder = join(resolve(import.meta.dirname, '..'), 'test/oracle');
const wanted = process.argv.slice(2);
// Warnings of PyTorch about its own old interfaces would drown the figures.
const { status } = spawnSync(python, ['-W', 'ignore', '-m', 'unittest', ...wanted], {
  stdio: 'inherit',
  cwd: folder,
});
process.exit(status ?? 1);
