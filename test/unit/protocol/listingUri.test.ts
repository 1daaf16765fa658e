import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listingUri, parseListingUri } from '../../../src/protocol/listingUri';

const paths = [
  '/models/resnet18.onnx',
  '/models/with space/100 %/#1?.onnx',
  '/models/模型.pth',
  '/models/a (structure).onnx',
];

for (const modelPath of paths) {
  test(`a listing of ${modelPath} is found again by its address`, () => {
    for (const variant of ['original', 'fused'] as const) {
      assert.deepEqual(parseListingUri(listingUri({ modelPath, variant })), { modelPath, variant });
    }
  });
}

test('the addresses of other documents are no listings', () => {
  assert.equal(parseListingUri('file:///models/resnet18.onnx (structure)'), null);
  assert.equal(parseListingUri('fusebn-structure:/models/resnet18.onnx'), null);
});
