import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandIds } from '../../../src/protocol/commandIds';
import { LISTING_SCHEME } from '../../../src/protocol/listingUri';
import { decodeSettings, defaultSettings } from '../../../src/protocol/settings';
import { projectPath } from '../../support/root';

interface MenuItem {
  readonly command: string;
  readonly when?: string;
}

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly configuration: {
      readonly properties: Readonly<Record<string, { readonly default: unknown }>>;
    };
    readonly languages: readonly { readonly id: string; readonly configuration: string }[];
    readonly grammars: readonly { readonly language: string; readonly path: string }[];
  };
}

const text = readFileSync(projectPath('package.json'), 'utf8');
const { contributes } = JSON.parse(text) as Manifest;
const strings = JSON.parse(readFileSync(projectPath('package.nls.json'), 'utf8')) as object;
const commands = contributes.commands.map(({ command }) => command).sort();

test('the manifest names exactly the commands that the code registers', () => {
  assert.deepEqual(commands, Object.values(commandIds).sort());
});

test('menus only name commands that exist', () => {
  for (const items of Object.values(contributes.menus)) {
    for (const { command } of items) assert.ok(commands.includes(command), command);
  }
});

test('every string of the manifest is there, and none is left over', () => {
  const used = new Set([...text.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key));
  assert.deepEqual([...used].sort(), Object.keys(strings).sort());
});

test('the defaults of the manifest are those of the code', () => {
  const section: Record<string, unknown> = {};
  for (const [id, property] of Object.entries(contributes.configuration.properties)) {
    // VS Code hands `fusebn.drift.seed` over as `seed` of an object `drift`.
    const [name = '', part] = id.replace('fusebn.', '').split('.');
    if (part === undefined) section[name] = property.default;
    else section[name] = { ...(section[name] as object | undefined), [part]: property.default };
  }
  assert.deepEqual(decodeSettings(section), defaultSettings);
});

test('languages and grammars have their files', () => {
  const files = [
    ...contributes.languages.map(({ configuration }) => configuration),
    ...contributes.grammars.map(({ path }) => path),
  ];
  for (const file of files) assert.ok(existsSync(projectPath(file)), file);
});

test('menus on listings ask for the scheme that listings have', () => {
  const schemes = [...text.matchAll(/resourceScheme == ([\w-]+)/g)].map(([, scheme]) => scheme);
  assert.deepEqual([...new Set(schemes)], [LISTING_SCHEME]);
});
