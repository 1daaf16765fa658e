// Compiles the sources here into TypeScript modules that hold the WebAssembly bytes, so that building and testing the
// extension needs no compiler for them. Run `npm run build:kernels` after every change of a source.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMPILER = 'assemblyscript@0.28.20';
const here = import.meta.dirname;
/** The first source of each module is its entry. `pages` of 64 KiB: memory starts with so many and stays, or grows. */
const modules = [
  {
    name: 'foldRuns',
    sources: ['foldRuns.ts', 'smallFloats.ts'],
    target: 'src/core/folding/kernels/foldRunsBinary.ts',
    pages: ['--initialMemory', '64', '--maximumMemory', '64'],
  },
  {
    name: 'predictMeans',
    sources: ['predictMeans.ts'],
    target: 'src/core/statistics/kernels/predictMeansBinary.ts',
    pages: ['--initialMemory', '1'],
  },
];

const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
try {
  for (const module of modules) compile(module);
} finally {
  rmSync(folder, { recursive: true });
}

function compile({ name, sources, target, pages }) {
  const binary = join(folder, `${name}.wasm`);
  const paths = sources.map((source) => join(here, source));
  const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', ...pages];
  const command = ['--yes', '-p', COMPILER, 'asc', paths[0], ...options, '-o', binary];
  execFileSync('npx', command, { stdio: ['ignore', 'inherit', 'inherit'] });
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(path));
  const hex = readFileSync(binary).toString('hex');
  writeFileSync(join(here, '..', target), moduleText(name, sources, hash.digest('hex'), hex));
}

function moduleText(name, sources, sourceHash, hex) {
  const lines = hex.match(/.{1,92}/g).map((line) => `  '${line}',`);
  const from = `assembly/${sources.join(' and ')}`;
  return `/** Made by \`npm run build:kernels\` from ${from}, whose SHA-256 this is: a test compares them. */
export const ${name}SourceHash =
  '${sourceHash}';

/** The compiled module, in hexadecimal. */
export const ${name}Binary = [
${lines.join('\n')}
].join('');
`;
}
