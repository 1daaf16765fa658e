import { UnsupportedModelError } from '../../errors';
import type { OpenedModel } from '../../model/openedModel';
import type { ZipArchive } from '../zip/readZip';
import { isExport, openExport } from './export/openExport';
import { openContainer } from './openContainer';
import { openScript } from './script/openScript';
import { ZipContainer } from './zipContainer';

/** Opens a zip archive as what its entries say it is. */
export function openZip(archive: ZipArchive): OpenedModel {
  if (isExport(archive)) return openExport(archive);
  const prefix = prefixOf(archive);
  // Only TorchScript keeps the constants of its code beside the data.
  if (archive.entriesByName.has(`${prefix}constants.pkl`)) return openScript(archive, prefix);
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
