import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingSentence } from '../../../src/core/model/findingSentence';
import type { StatisticsFinding } from '../../../src/core/model/pair';
import { reason } from '../../../src/core/model/reason';
import { codeLenses } from '../../../src/server/features/codeLenses';
import { listingView } from '../../../src/server/listingView';
import { inspectReport, pairReport } from '../../support/reports';
import { everyVerdict, place } from './listingFixture';

function titlesAt(line: number, lenses: ReturnType<typeof codeLenses>): string[] {
  return lenses
    .filter(({ range }) => range.start.line === line)
    .map(({ command }) => (command?.title ?? '').replace('\u00a0', ' '));
}

test('the first line sums up the network and offers to fuse it', () => {
  assert.deepEqual(titlesAt(0, codeLenses(everyVerdict())), [
    '1 fusable · 1 skipped · 1 blocked',
    'Fuse all',
    'Compare before and after',
  ]);
});

test('each pair says its verdict over its convolution, and what can be done', () => {
  const lenses = codeLenses(everyVerdict());
  assert.deepEqual(titlesAt(10, lenses), [
    '$(pass) fusable · Conv 4→8 3×3 + stem_bn · eps 1e-5',
    'Fuse this pair',
    'Drift',
  ]);
  assert.deepEqual(titlesAt(12, lenses), [
    '$(circle-slash) skipped: ConvTranspose under policy bevfusion',
    'Fuse this pair',
  ]);
  assert.deepEqual(titlesAt(14, lenses), [
    '$(error) blocked: The convolution’s output is also read by Add_12, which would see folded values',
  ]);
});

test('a click on Fuse this pair names the model and the pair', () => {
  const lens = codeLenses(everyVerdict()).find(
    ({ command }) => command?.title === 'Fuse this pair',
  );
  assert.equal(lens?.command?.command, 'fusebn.fusePair');
  assert.deepEqual(lens.command.arguments, ['/models/net.onnx', 'stem']);
});

test('a pair that only names deny can be fused anyway', () => {
  const pair = pairReport({
    id: 'mix',
    verdict: 'blocked',
    evidence: 'names',
    reasons: [reason('PAIR_UNPROVED', 'mix.1 stands between')],
  });
  const view = { ...everyVerdict(), report: inspectReport([pair]) };
  assert.deepEqual(titlesAt(14, codeLenses(view)).slice(1), ['Fuse anyway']);
});

test('how a pair is known is said when it is names, and that statistics confirm it', () => {
  const statistics = {
    says: 'confirms',
    fit: 0.99,
    from: 'stem_bn',
    activation: 'relu',
    negativeMeans: 0.5,
    ...findingSentence('FOLLOWS', 8, '0.990'),
  } as const satisfies StatisticsFinding;
  const pairs = [
    pairReport({ id: 'stem', evidence: 'names', bn: { epsSource: 'default' } }),
    pairReport({ id: 'up', evidence: 'names', statistics, bn: { epsSource: 'config' } }),
  ];
  const view = { ...everyVerdict(), report: inspectReport(pairs) };
  assert.match(titlesAt(10, codeLenses(view))[0] ?? '', /eps 1e-5 assumed · by name$/);
  assert.match(
    titlesAt(12, codeLenses(view))[0] ?? '',
    /eps 1e-5 \(config in the file\) · confirmed by statistics$/,
  );
  // Last, so that it pushes no action off the screen.
  assert.equal(
    titlesAt(12, codeLenses(view)).at(-1),
    'Statistics: fed by relu(stem_bn) (inferred) · fit 0.990',
  );
});

test('a text that was never saved has verdicts, but nothing to click', () => {
  const commands = codeLenses(everyVerdict({ modelPath: null })).map(({ command }) => command);
  assert.equal(commands.length, 4);
  assert.ok(commands.every((command) => command?.command === ''));
});

test('the pairs of a repeated block share their lenses', () => {
  const ids = ['layers.0.conv', 'layers.1.conv'];
  const pairs = ids.map((id) => pairReport({ id, bn: { name: id.replace('conv', 'bn') } }));
  const about = { variant: 'original', modelPath: '/models/net.txt' } as const;
  const places = ids.map((id) => place(id, 3));
  const lenses = codeLenses(listingView({ places }, inspectReport(pairs), about));
  assert.deepEqual(titlesAt(3, lenses).slice(0, 2), [
    '$(pass) 2 × fusable · Conv 4→8 3×3 + bn · eps 1e-5',
    'Fuse these 2 pairs',
  ]);
  const fuse = lenses.find(({ command }) => command?.title === 'Fuse these 2 pairs');
  assert.deepEqual(fuse?.command?.arguments, ['/models/net.txt', ...ids]);
});

test('a fused listing has no lenses', () => {
  assert.deepEqual(codeLenses(everyVerdict({ variant: 'fused' })), []);
});

test('a layer cannot borrow one of our icons by its name', () => {
  const pair = pairReport({ id: 'stem', bn: { name: '$(pass)' } });
  const about = { variant: 'original', modelPath: '/models/net.onnx' } as const;
  const view = listingView({ places: [place('stem', 10)] }, inspectReport([pair]), about);
  assert.match(titlesAt(10, codeLenses(view))[0] ?? '', /\+ \\\$\(pass\) · eps/);
});
