import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOnnx } from '../../../../../src/core/formats/onnx/isOnnx';
import { input, int, join, model, text } from '../../../../support/onnxBytes';

test('knows an ONNX file by its name', () => {
  assert.ok(isOnnx(new Uint8Array(), 'model.onnx'));
  assert.ok(isOnnx(Uint8Array.of(1, 2, 3), '/path/Model.ONNX'));
});

test('knows an ONNX file by its first bytes, whole or cut', () => {
  const bytes = model([input('x', [1, 3, 224, 224])]);
  assert.ok(isOnnx(bytes, 'model.pb'));
  assert.ok(isOnnx(bytes.subarray(0, 16), 'model'));
});

test('takes neither a zip, a pickle, a text nor nothing for ONNX', () => {
  const heads: Uint8Array[] = [
    new TextEncoder().encode('PK\x03\x04....'),
    Uint8Array.of(0x80, 0x02, 0x7d, 0x71, 0x00, 0x2e),
    new TextEncoder().encode('Sequential(\n  (0): Conv2d('),
    new TextEncoder().encode('{"__metadata__":{}}'),
    new Uint8Array(),
    new Uint8Array(64),
    join(int(1, 10 ** 6), text(2, 'x')),
  ];
  for (const head of heads) assert.equal(isOnnx(head, 'model.bin'), false);
});
