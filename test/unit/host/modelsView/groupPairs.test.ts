import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  groupByModule,
  groupByVerdict,
  type LabelledPair,
  type PairGroup,
} from '../../../../src/host/modelsView/groupPairs';
import { pairReport } from '../../../support/reports';

type Item = PairGroup | LabelledPair;

/** `label(children…)`, for short comparisons. */
function sketch(items: readonly Item[]): string {
  return items
    .map((item) => ('pair' in item ? item.label : `${item.label}(${sketch(item.children)})`))
    .join(' ');
}

function byModule(...ids: string[]): string {
  return sketch(groupByModule(ids.map((id) => pairReport({ id }))));
}

test('verdicts come in the order fusable, skipped, blocked, and without empty groups', () => {
  const pairs = [
    pairReport({ id: 'a', verdict: 'blocked' }),
    pairReport({ id: 'b' }),
    pairReport({ id: 'c' }),
  ];
  assert.equal(sketch(groupByVerdict(pairs)), 'fusable(b c) blocked(a)');
});

test('modules nest as the names say', () => {
  assert.equal(
    byModule('layer1.0.conv1', 'layer1.0.conv2', 'layer1.1.conv1', 'stem'),
    'layer1(0(conv1 conv2) 1.conv1) stem',
  );
});

test('a chain of modules with one child each is one line', () => {
  assert.equal(
    byModule('encoders.camera.backbone.conv1', 'encoders.camera.backbone.conv2'),
    'encoders.camera.backbone(conv1 conv2)',
  );
});

test('names without blocks stay a flat list', () => {
  assert.equal(byModule('Conv_0', 'Conv_2'), 'Conv_0 Conv_2');
});

test('the paths of ONNX exporters are grouped by what they mean', () => {
  assert.equal(
    byModule('/layer1/layer1.0/conv1/Conv', '/layer1/layer1.0/conv2/Conv', '/conv1/Conv'),
    'layer1.0(conv1 conv2) conv1',
  );
});

test('modules and pairs stay in the order of the file', () => {
  assert.equal(byModule('a.0', 'b', '/c/c.0/Conv', 'd.x', 'd.y', 'e'), 'a.0 b c.0 d(x y) e');
});

test('groups of one model have ids of their own', () => {
  const groups = groupByModule(
    ['a.x.0.c', 'a.x.1.c', 'b.x.0.c', 'b.x.1.c'].map((id) => pairReport({ id })),
  );
  const ids = groups.flatMap((group) => ('pair' in group ? [] : [group.id]));
  assert.equal(new Set(ids).size, 2);
});
