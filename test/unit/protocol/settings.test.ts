import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSettings, defaultSettings, foldChoice } from '../../../src/protocol/settings';

test('an empty section gives the defaults', () => {
  assert.deepEqual(decodeSettings({}), defaultSettings);
  assert.deepEqual(decodeSettings(null), defaultSettings);
});

test('values of the wrong kind count as their defaults', () => {
  const section = { policy: 'some', epsilon: [1], outputName: '', checkpointMode: 3 };
  assert.deepEqual(decodeSettings(section), defaultSettings);
});

test('an output name cannot leave the folder of the model', () => {
  for (const outputName of ['../stolen.onnx', 'a/b.onnx', 'a\\b.onnx']) {
    assert.equal(decodeSettings({ outputName }).outputName, defaultSettings.outputName);
  }
});

test('the star of the epsilon table is the empty prefix, and what is no positive number is left out', () => {
  const { eps } = decodeSettings({
    epsilon: { 'encoders.lidar': 0.001, '*': 1e-5, bad: -1, worse: 'x' },
  });
  assert.deepEqual(eps, [
    { prefix: 'encoders.lidar', value: 0.001 },
    { prefix: '', value: 1e-5 },
  ]);
});

test('a loader is written only where it is asked for', () => {
  assert.deepEqual(foldChoice('fold'), { mode: 'fold', loader: false });
  assert.deepEqual(foldChoice('fold-with-loader'), { mode: 'fold', loader: true });
  assert.deepEqual(foldChoice('drop-in'), { mode: 'drop-in', loader: false });
});
