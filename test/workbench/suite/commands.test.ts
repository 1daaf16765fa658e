import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/protocol/commandIds';
import { EXTENSION_ID, lensTitles, modelUri, openListing, until } from './extension';

describe('the extension', () => {
  it('runs from its package and has its commands', async () => {
    const extension = vscode.extensions.getExtension(EXTENSION_ID);
    assert.ok(extension !== undefined);
    assert.match(extension.extensionPath, /fusebn\.fusebn-/);
    await extension.activate();
    const commands = await vscode.commands.getCommands(true);
    for (const id of Object.values(commandIds)) assert.ok(commands.includes(id), id);
  });
});

describe('Fuse Conv + BatchNorm', () => {
  it('writes the fused model beside the original, which stays as it is', async () => {
    const original = copyOf('mixed.onnx', 'fresh.onnx');
    const before = readFileSync(original.fsPath);
    await vscode.commands.executeCommand(commandIds.fuse, original);
    const fused = modelUri('fresh.fused.onnx').fsPath;
    assert.ok(existsSync(fused));
    assert.ok(statSync(fused).size < before.length);
    assert.deepEqual(readFileSync(original.fsPath), before);
  });

  it('fuses every file of a selection', async () => {
    const files = ['one.onnx', 'two.onnx'].map((name) => copyOf('mixed.onnx', name));
    await vscode.commands.executeCommand(commandIds.fuse, files[0], files);
    for (const name of ['one.fused.onnx', 'two.fused.onnx']) {
      assert.ok(existsSync(modelUri(name).fsPath), name);
    }
  });

  it('takes the name of the output from the settings', async () => {
    const model = copyOf('mixed.onnx', 'named.onnx');
    const section = vscode.workspace.getConfiguration('fusebn');
    const target = vscode.ConfigurationTarget.Global;
    await section.update('outputName', '${fileBasenameNoExtension}-bnfree${fileExtname}', target);
    try {
      await vscode.commands.executeCommand(commandIds.fuse, model);
      assert.ok(existsSync(modelUri('named-bnfree.onnx').fsPath));
    } finally {
      await section.update('outputName', undefined, target);
    }
  });
});

describe('settings and files that change', () => {
  it('a listing follows the policy', async () => {
    const { uri } = await openListing('mixed.onnx');
    await vscode.commands.executeCommand(commandIds.usePolicyAll);
    try {
      await untilOverview(uri, '3 fusable · 1 blocked');
    } finally {
      await vscode.commands.executeCommand(commandIds.usePolicyBevfusion);
    }
    await untilOverview(uri, '2 fusable · 1 skipped · 1 blocked');
  });

  it('a listing follows its file', async () => {
    const model = copyOf('mixed.onnx', 'changing.onnx');
    const { uri } = await openListing('changing.onnx');
    await untilOverview(uri, '2 fusable · 1 skipped · 1 blocked');
    await vscode.commands.executeCommand(commandIds.fuse, model);
    copyOf('changing.fused.onnx', 'changing.onnx');
    await untilOverview(uri, '1 skipped · 1 blocked');
  });
});

function copyOf(name: string, copy: string): vscode.Uri {
  const target = modelUri(copy);
  copyFileSync(modelUri(name).fsPath, target.fsPath);
  return target;
}

async function untilOverview(uri: vscode.Uri, title: string): Promise<void> {
  await until(async () => {
    const [overview] = await lensTitles(uri);
    return overview?.title === title ? true : undefined;
  });
}
