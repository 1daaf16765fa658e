// The main job on a bundled model: shows its pairs, fuses them, tells the worst difference, and how to go on in VS Code.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const model = join('samples', 'scenenet.onnx');
const output = join('out', 'demo', 'scenenet.fused.onnx');

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function fusebn(...args) {
  console.log(`\n$ fusebn ${args.join(' ')}\n`);
  run(process.execPath, join('dist', 'cli.js'), ...args);
}

function hasDesktopCode() {
  const shell = process.platform === 'win32';
  return spawnSync('code', ['--version'], { stdio: 'ignore', shell }).status === 0;
}

const build = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, encoding: 'utf8' });
if (build.status !== 0) {
  console.error(build.stderr);
  process.exit(1);
}
mkdirSync(join(root, 'out', 'demo'), { recursive: true });
fusebn('inspect', model);
fusebn('fuse', model, '-o', output, '--overwrite');

const folder = relative(process.cwd(), join(root, 'samples')) || '.';
const ways = hasDesktopCode()
  ? ['npm run package', 'code --install-extension dist/fusebn.vsix', `code ${folder}`]
  : ['npm run workbench        # VS Code in the browser, with the extension in it'];
console.log('\nThe same in VS Code:\n');
for (const way of ways) console.log(`  ${way}`);
console.log('\nThen right-click scenenet.onnx in the Explorer: Show Fusable Pairs, or Fuse Conv + BatchNorm….');
