import { statSync } from 'node:fs';
import type { OpenedModel } from '../core/model/openedModel';
import { openModel } from '../core/formats/openModel';
import { identityOf, isSameContent } from './files/openFile';
import { ModelFiles } from './files/modelFiles';

/** Structures are kilobytes to a few megabytes each; an editor rarely has more models in view. */
const MAX_MODELS = 8;

/** A model and the files it was read from. */
export interface ModelAndFiles {
  readonly model: OpenedModel;
  readonly files: ModelFiles;
}

/** Models that were opened lately, so that a second look at an unchanged file reads nothing again. */
export class ModelCache {
  private readonly entries = new Map<string, ModelAndFiles>();

  /** @throws ModelFormatError when the file cannot be read as a model. */
  async open(path: string): Promise<ModelAndFiles> {
    const known = this.entries.get(path);
    this.entries.delete(path);
    const entry = known !== undefined && isUnchanged(known.files) ? known : await read(path);
    this.entries.set(path, entry);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= MAX_MODELS) break;
      this.entries.delete(oldest);
    }
    return entry;
  }
}

async function read(path: string): Promise<ModelAndFiles> {
  const files = new ModelFiles(path);
  try {
    return { model: await openModel(files.main, files), files };
  } catch (error) {
    files.close();
    throw error;
  }
}

function isUnchanged(files: ModelFiles): boolean {
  return files.all.every((file) => {
    const stats = statSync(file.path, { bigint: true, throwIfNoEntry: false });
    return stats !== undefined && isSameContent(identityOf(stats), file.identity);
  });
}
