import { openModel } from '../../core/formats/openModel';
import { RequestError } from '../../core/errors';
import type { ModuleNetwork } from '../../core/model/network';
import { ModelFiles } from '../files/modelFiles';

/**
 * Reads a listing (`print(model)`), or any file with a module tree, that tells the classes a checkpoint lacks.
 * @throws RequestError `STRUCTURE_UNUSABLE` when the file holds no module tree.
 */
export async function readStructure(path: string): Promise<ModuleNetwork> {
  const files = new ModelFiles(path);
  try {
    const { network } = await openModel(files.main, files);
    if (network.kind === 'modules' && network.evidence === 'modules') return network;
  } finally {
    files.close();
  }
  throw new RequestError('STRUCTURE_UNUSABLE', `${path} is no listing of a module tree.`);
}
