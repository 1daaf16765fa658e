import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver-types';
import { findingSentence } from '../../../src/core/model/findingSentence';
import { hover } from '../../../src/server/features/hover';
import type { ListingView } from '../../../src/server/listingView';
import { inspectReport, pairReport } from '../../support/reports';
import { everyVerdict } from './listingFixture';

function textAt(view: ListingView, line: number): string | undefined {
  const contents = hover(view, { line, character: 0 })?.contents as MarkupContent | undefined;
  return contents?.value;
}

test('a convolution and its BatchNorm both explain the pair', () => {
  const view = everyVerdict();
  const text = textAt(view, 14) ?? '';
  assert.match(text, /\*\*blocked\*\*/);
  assert.match(text, /also read by Add&#95;12/);
  assert.equal(textAt(view, 15), text);
});

test('the facts come as a table: shape, eps and where it is from, and how the pair is known', () => {
  const text = textAt(everyVerdict(), 10) ?? '';
  assert.match(text, /\| weight \| stem&#46;weight &#91;8, 4, 3, 3&#93;/);
  assert.match(text, /\| eps \| 1e&#45;5 \(the file\)|1e&#45;5 &#40;the file&#41;/);
  assert.match(text, /\| known by \| data flow in the file \|/);
});

test('a BatchNorm without a convolution says why', () => {
  const message = 'No convolution feeds this BatchNorm: its input comes from Add_3.';
  const reasons = [{ code: 'NO_CONVOLUTION_BEFORE', message }] as const;
  const report = inspectReport([], { unpaired: [{ bn: 'mix_bn', reasons }] });
  assert.match(textAt({ ...everyVerdict(), report }, 15) ?? '', /its input comes from Add/);
});

test('lines without a layer have no hover', () => {
  assert.equal(textAt(everyVerdict(), 3), undefined);
});

test('names from the file stay text: no link, no image, no table cell comes out of them', () => {
  const bn = { name: '[x](command:evil)|`![y](http://z)' };
  const report = inspectReport([pairReport({ id: 'stem', bn })]);
  const text = textAt({ ...everyVerdict(), report }, 10) ?? '';
  assert.doesNotMatch(text, /\]\(|!\[|`/);
});

test('a pair with statistics links to their picture, whatever its name holds', () => {
  const id = 'block (a)"[b](c)';
  const statistics = {
    says: 'confirms',
    fit: 0.998,
    from: 'stem_bn',
    activation: 'relu',
    negativeMeans: 0.5,
    ...findingSentence('FOLLOWS', 8, '0.998'),
  } as const;
  const report = inspectReport([
    pairReport({ id, conv: { name: 'stem' }, statistics }),
    pairReport({ id: 'up' }),
  ]);
  const view = { ...everyVerdict(), report };
  const text = textAt(view, 10) ?? '';
  const [, command = ''] = /\]\(command:(\S+)\)$/.exec(text) ?? [];
  const [name, args = ''] = command.split('?');
  assert.equal(name, 'fusebn.showStatistics');
  assert.deepEqual(JSON.parse(decodeURIComponent(args)), ['/models/net.onnx', id]);
  assert.match(text, /fed by &#40;inferred&#41; \| relu&#40;stem&#95;bn&#41;/);
  assert.doesNotMatch(textAt(view, 12) ?? '', /command:/);
  assert.doesNotMatch(textAt({ ...view, modelPath: null }, 10) ?? '', /command:/);
});
