import type * as vscode from 'vscode';
import { parseListingUri } from '../protocol/listingUri';

/** Extensions of the files we read, without the dot, in the order of the open dialog. */
export const modelExtensions = [
  'onnx',
  'pt',
  'pth',
  'ckpt',
  'bin',
  'pt2',
  'safetensors',
  'pkl',
  'torchmodule',
] as const;

const modelName = new RegExp(
  String.raw`\.(${modelExtensions.join('|')}|safetensors\.index\.json)$`,
  'i',
);

/** The model file that a document or tab shows or lists; null for everything else. */
export function modelPathOf(uri: vscode.Uri): string | null {
  const address = parseListingUri(uri.toString());
  if (address !== null) return address.modelPath;
  return uri.scheme === 'file' && modelName.test(uri.path) ? uri.fsPath : null;
}
