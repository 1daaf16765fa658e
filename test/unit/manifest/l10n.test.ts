import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { projectPath } from '../../support/root';
import { translatedStrings } from '../../support/translatedStrings';

const languages = ['zh-cn'];

function readBundle(name: string): Record<string, string> {
  return JSON.parse(readFileSync(projectPath('l10n', name), 'utf8')) as Record<string, string>;
}

function places(sentence: string): string[] {
  return [...sentence.matchAll(/\{\d\}/g)].map(([place]) => place).sort();
}

test('the English bundle holds every sentence of the user interface (refresh with UPDATE_L10N=1)', () => {
  const sentences = [...translatedStrings()].sort();
  if (process.env['UPDATE_L10N'] === '1') {
    const bundle = Object.fromEntries(sentences.map((sentence) => [sentence, sentence]));
    writeFileSync(projectPath('l10n/bundle.l10n.json'), `${JSON.stringify(bundle, null, 2)}\n`);
  }
  assert.deepEqual(Object.keys(readBundle('bundle.l10n.json')).sort(), sentences);
});

for (const language of languages) {
  test(`${language} translates every sentence and keeps its places`, () => {
    const bundle = readBundle(`bundle.l10n.${language}.json`);
    const sentences = [...translatedStrings()];
    assert.deepEqual(Object.keys(bundle).sort(), sentences.sort());
    for (const [sentence, translation] of Object.entries(bundle)) {
      assert.deepEqual(places(translation), places(sentence), translation);
    }
  });

  test(`${language} translates every string of the manifest`, () => {
    const english = JSON.parse(readFileSync(projectPath('package.nls.json'), 'utf8')) as object;
    const other = JSON.parse(
      readFileSync(projectPath(`package.nls.${language}.json`), 'utf8'),
    ) as object;
    assert.deepEqual(Object.keys(other), Object.keys(english));
  });
}
