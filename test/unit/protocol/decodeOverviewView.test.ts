import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFromOverviewView } from '../../../src/protocol/decodeOverviewView';
import type { FromOverviewView } from '../../../src/protocol/overviewView';

const messages: readonly FromOverviewView[] = [
  { type: 'ready' },
  { type: 'fuse' },
  { type: 'surroundings', id: 'conv1' },
  { type: 'fusePair', id: 'conv1' },
  { type: 'reveal', layer: 'relu', id: null },
  { type: 'reveal', layer: 'conv1', id: 'conv1' },
];

test('every message of the page is accepted', () => {
  for (const message of messages) assert.equal(decodeFromOverviewView(message), message);
});

test('anything else is refused', () => {
  const others = [
    null,
    'ready',
    {},
    { type: 'run' },
    { type: 'surroundings' },
    { type: 'surroundings', id: 7 },
    { type: 'reveal', id: 'conv1' },
    { type: 'reveal', layer: 'relu', id: 3 },
  ];
  for (const other of others) assert.equal(decodeFromOverviewView(other), null);
});
