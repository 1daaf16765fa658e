import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentSymbols } from '../../../src/server/features/documentSymbols';
import { foldingRanges } from '../../../src/server/features/foldingRanges';
import { listingView } from '../../../src/server/listingView';
import { inspectReport, pairReport } from '../../support/reports';
import { place } from './listingFixture';

const places = [
  place('', 0, { type: 'Network', endLine: 4 }),
  place('layer1', 1, { type: 'Sequential', endLine: 3, parent: '' }),
  place('layer1.0', 2, { type: 'Conv2d', parent: 'layer1' }),
];
const report = inspectReport([pairReport({ id: 'layer1.0' })]);
const about = { variant: 'original', modelPath: '/models/net.pth' } as const;
const view = listingView({ places }, report, about);

test('the outline nests layers in their blocks, by their own names', () => {
  const [root] = documentSymbols(view);
  assert.equal(root?.name, 'Network');
  assert.equal(root.children?.[0]?.name, 'layer1');
  assert.equal(root.children[0].children?.[0]?.name, '0');
});

test('the outline shows class and verdict', () => {
  const leaf = documentSymbols(view)[0]?.children?.[0]?.children?.[0];
  assert.equal(leaf?.detail, 'Conv2d · fusable');
});

test('ranges stay within what the protocol can say', () => {
  const [root] = documentSymbols(view);
  assert.ok((root?.range.end.character ?? Infinity) < 2 ** 31);
});

test('what takes several lines folds', () => {
  assert.deepEqual(foldingRanges(view), [
    { startLine: 0, endLine: 4 },
    { startLine: 1, endLine: 3 },
  ]);
});
