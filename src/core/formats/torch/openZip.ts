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

/** Archives of PyTorch that hold a network in another form. */
const otherKinds = [
  {
    entry: /(^|\/)\.data\/extern_modules$/,
    message:
      'This is an archive of torch.package, which holds programs. Load the network with Python and save its state_dict.',
  },
  {
    entry: /^[^/]+\/model\.json$/,
    message:
      'This is a TorchScript file of PyTorch 1.3 or older. Load it with torch.jit.load and save it again.',
  },
];

/** The top folder, with its slash, that holds `data.pkl`. */
function prefixOf({ entries }: ZipArchive): string {
  const other = otherKinds.find(({ entry }) => entries.some(({ name }) => entry.test(name)));
  const pickles = entries.filter(({ name }) => /^([^/]+\/)?data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw new UnsupportedModelError(
      other?.message ?? 'This zip file is no PyTorch checkpoint: it has no data.pkl, or several.',
    );
  }
  return pickle.name.slice(0, -'data.pkl'.length);
}
