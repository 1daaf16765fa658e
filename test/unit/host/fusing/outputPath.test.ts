import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { outputPath } from '../../../../src/host/fusing/outputPath';
import { defaultSettings } from '../../../../src/protocol/settings';

const model = join('/models', 'net.v2.onnx');

test('the engine names the output when the setting has its default', () => {
  assert.equal(outputPath(model, defaultSettings.outputName), null);
});

test('a name of the user is filled in and stays in the folder of the model', () => {
  const name = '${fileBasenameNoExtension}-folded${fileExtname}';
  assert.equal(outputPath(model, name), join('/models', 'net.v2-folded.onnx'));
});

test('a name that is the model itself is not used', () => {
  assert.equal(outputPath(model, '${fileBasenameNoExtension}${fileExtname}'), null);
});
