import type { ByteSource } from '../../bytes/byteSource';
import { UnsupportedModelError } from '../../errors';
import type { OpenedModel } from '../../model/openedModel';
import { readPickle } from '../pickle/readPickle';
import { readZip } from '../zip/readZip';
import { foreignPickle } from './foreignPickle';
import { isTar, isZip } from './isTorch';
import { isLegacy, LegacyContainer } from './legacyContainer';
import { openZip } from './openZip';
import { openContainer } from './openContainer';

/** Enough for every signature. */
const HEAD_BYTES = 512;

/**
 * Opens a file of PyTorch: a checkpoint or pickled network of any age, TorchScript, or an exported program. Reads
 * the directory and the pickle, not the weights; nothing in the file is executed.
 * @throws ModelFormatError when the file is damaged; UnsupportedModelError when it is of another kind.
 */
export function openTorch(source: ByteSource): OpenedModel {
  const head = source.read(0, Math.min(HEAD_BYTES, source.sizeBytes));
  if (isZip(head)) return openZip(readZip(source));
  if (isTar(head)) {
    throw new UnsupportedModelError(
      'This is a checkpoint of PyTorch 0.1, in a tar archive. Load it with torch.load and save it again.',
    );
  }
  const first = readPickle(source, 0, source.sizeBytes);
  if (!isLegacy(first)) throw new UnsupportedModelError(foreignPickle(first));
  return openContainer('torch-legacy', new LegacyContainer(source, first));
}
