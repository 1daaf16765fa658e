import { UnsupportedModelError } from '../../errors';
import type { OpenedModel } from '../../model/openedModel';
import type { ZipArchive } from '../zip/readZip';
import { openContainer } from './openContainer';
import { ZipContainer } from './zipContainer';

/** Opens a zip archive as what its entries say it is. */
export function openZip(archive: ZipArchive): OpenedModel {
  const prefix = prefixOf(archive);
  return openContainer('torch-zip', new ZipContainer(archive, prefix));
}

/** The top folder, with its slash, that holds `data.pkl`. */
function prefixOf({ entries }: ZipArchive): string {
  const pickles = entries.filter(({ name }) => /^([^/]+\/)?data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw new UnsupportedModelError(
      'This zip file is no PyTorch checkpoint: it has no data.pkl, or several.',
    );
  }
  return pickle.name.slice(0, -'data.pkl'.length);
}
