// Compiles assembly/foldRuns.ts and what it imports into a TypeScript module that holds the WebAssembly bytes, so that building and
// testing the extension needs no compiler for it. Run `npm run build:kernels` after every change of the source.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMPILER = 'assemblyscript@0.28.20';
const here = import.meta.dirname;
const sources = ['foldRuns.ts', 'smallFloats.ts'].map((name) => join(here, name));
const target = join(here, '../src/core/folding/kernels/foldRunsBinary.ts');

const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
try {
  const binary = join(folder, 'foldRuns.wasm');
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd'];
  const memory = ['--initialMemory', '64', '--maximumMemory', '64'];
  const command = ['--yes', '-p', COMPILER, 'asc', sources[0], ...options, ...memory, '-o', binary];
  execFileSync('npx', command, { stdio: ['ignore', 'inherit', 'inherit'] });
  const bytes = readFileSync(binary);
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  writeFileSync(target, moduleText(bytes.toString('hex'), hash.digest('hex')));
} finally {
  rmSync(folder, { recursive: true });
}

function moduleText(hex, hash) {
  const lines = hex.match(/.{1,92}/g).map((line) => `  '${line}',`);
  return `/** Made by \`npm run build:kernels\` from assembly/foldRuns.ts and smallFloats.ts, whose SHA-256 this is: a test compares them. */
export const foldRunsSourceHash =
  '${hash}';

/** The compiled module, in hexadecimal. */
export const foldRunsBinary = [
${lines.join('\n')}
].join('');
`;
}
