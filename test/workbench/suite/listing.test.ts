import assert from 'node:assert/strict';
import { lensTitles, openListing } from './extension';

describe('the listing of an ONNX model', () => {
  it('is a read-only document in the language onnx-text', async () => {
    const document = await openListing('mixed.onnx');
    assert.equal(document.languageId, 'onnx-text');
    assert.equal(document.uri.scheme, 'fusebn-structure');
    assert.match(document.getText(), /BatchNormalization/);
  });

  it('has a lens for the whole and one for each pair', async () => {
    const { uri } = await openListing('mixed.onnx');
    const titles = (await lensTitles(uri)).map(({ title }) => title);
    assert.ok(titles.includes('2 fusable · 1 skipped · 1 blocked'));
    assert.ok(titles.includes('$(pass)\u00a0fusable · Conv 8→8 3×3 + bn1 · eps 0.001'));
    assert.ok(
      titles.includes('$(circle-slash)\u00a0skipped: ConvTranspose under policy bevfusion'),
    );
    assert.ok(titles.some((title) => title.startsWith('$(error)\u00a0blocked: ')));
  });
});
