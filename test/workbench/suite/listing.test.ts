import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { lensTitles, openListing, until } from './extension';

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
    assert.ok(titles.includes('$(pass) fusable · Conv 8→8 3×3 + bn1 · eps 0.001'));
    assert.ok(titles.includes('$(circle-slash) skipped: ConvTranspose under policy bevfusion'));
    assert.ok(titles.some((title) => title.startsWith('$(error) blocked: ')));
  });

  it('explains a pair on hover', async () => {
    const { uri, text, position } = await findInListing('mixed.onnx', '"block/conv2"');
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      uri,
      position,
    );
    const [content] = hovers.flatMap(({ contents }) => contents);
    assert.ok(content instanceof vscode.MarkdownString, text);
    assert.match(content.value, /\*\*blocked\*\*/);
    assert.notEqual(content.isTrusted, true);
  });

  it('has an outline and folds', async () => {
    const { uri } = await openListing('mixed.onnx');
    const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      uri,
    );
    const names = symbols.flatMap(({ children }) => children.map(({ name }) => name));
    assert.ok(names.includes('block/conv1'));
    const folds = await vscode.commands.executeCommand<vscode.FoldingRange[]>(
      'vscode.executeFoldingRangeProvider',
      uri,
    );
    assert.ok(folds.length > 0);
  });

  it('reports blocked pairs and dead channels as problems', async () => {
    const { uri } = await openListing('mixed.onnx');
    const problems = await until(() => {
      const found = vscode.languages.getDiagnostics(uri);
      return found.length > 0 ? found : undefined;
    });
    const codes = problems.map(({ code }) => code).sort();
    assert.deepEqual(codes, ['CONV_OUTPUT_REUSED', 'DEAD_CHANNELS']);
  });
});

describe('the listing of a checkpoint', () => {
  it('is in the language torch-module, whatever the extension of the file', async () => {
    const document = await openListing('checkpoint.pth');
    assert.equal(document.languageId, 'torch-module');
    const titles = (await lensTitles(document.uri)).map(({ title }) => title);
    assert.ok(titles.includes('5 fusable · 1 skipped'));
  });
});

describe('a printed network in a text file', () => {
  const printed = 'Net(\n  (conv): Conv2d(3, 8, kernel_size=(3, 3))\n  (bn): BatchNorm2d(8)\n)\n';

  it('has lenses, also before it is saved', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'torch-module',
      content: printed,
    });
    await vscode.window.showTextDocument(document);
    const lenses = await lensTitles(document.uri);
    assert.deepEqual(lenses.at(-1)?.line, 1);
    assert.match(lenses.at(-1)?.title ?? '', /^\$\(pass\) fusable · Conv2d 3→8 3×3 \+ bn/);
  });

  it('keeps its lenses in step with the text', async () => {
    const document = await vscode.workspace.openTextDocument({
      language: 'torch-module',
      content: printed,
    });
    const editor = await vscode.window.showTextDocument(document);
    await lensTitles(document.uri);
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(1, 0), '  (relu): ReLU()\n');
    });
    const lenses = await lensTitles(document.uri);
    assert.equal(lenses.at(-1)?.line, 2);
  });
});

async function findInListing(
  model: string,
  text: string,
): Promise<{ uri: vscode.Uri; text: string; position: vscode.Position }> {
  const document = await openListing(model);
  const all = document.getText();
  return {
    uri: document.uri,
    text: all,
    position: document.positionAt(all.indexOf(text) + 2),
  };
}
