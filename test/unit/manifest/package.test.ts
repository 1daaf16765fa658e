import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { listFiles, PackageManager } from '@vscode/vsce';
import { projectPath } from '../../support/root';

/** What may be in the package, and nothing else: a new kind of file is added here on purpose. */
const allowed = [
  /^package\.json$/,
  /^package\.nls(\.[\w-]+)?\.json$/,
  /^(README|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^dist\/[\w/-]+\.(js|mjs|css|wasm|ttf)$/,
  /^l10n\/bundle\.l10n\.[\w-]+\.json$/,
  /^media\/(icon\.png|fusebn\.svg)$/,
  /^media\/walkthrough\/\w+\.svg$/,
  /^syntaxes\/[\w-]+\.(tmLanguage|language-configuration)\.json$/,
];

const MAX_PACKED_MEGABYTES = 40;

test('the package holds what runs and what people read, no sources and no tests', async () => {
  const files = await listFiles({
    cwd: projectPath(),
    packageManager: PackageManager.None,
  });
  const others = files.filter((file) => !allowed.some((pattern) => pattern.test(file)));
  assert.deepEqual(others, []);
  for (const file of ['package.json', 'README.md', 'LICENSE', 'media/icon.png']) {
    assert.ok(files.includes(file), file);
  }
});

test('the package stays small', async () => {
  const files = await listFiles({ cwd: projectPath(), packageManager: PackageManager.None });
  const sizes = files.map((file) => statSync(projectPath(file)).size);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(total < MAX_PACKED_MEGABYTES * 1e6, `${Math.round(total / 1e6)} MB`);
});

test('the icon is a PNG of at least 128 pixels', () => {
  const png = readFileSync(projectPath('media/icon.png'));
  assert.equal(png.toString('latin1', 1, 4), 'PNG');
  assert.ok(png.readUInt32BE(16) >= 128);
});
