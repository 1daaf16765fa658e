import { UnsupportedModelError } from '../../errors';
import type { PickleDocument } from '../pickle/readPickle';

/**
 * Pickle protocol 0 keeps as a storage's place the text that Python prints for it.
 * @throws UnsupportedModelError for a file that was saved so, which PyTorch does not load either.
 */
export function refuseTextPlaces({ persistent }: PickleDocument): void {
  const isText = persistent.some(
    ({ object: { id } }) => typeof id === 'string' && id.startsWith("('storage'"),
  );
  if (!isText) return;
  throw new UnsupportedModelError(
    'The checkpoint was saved with pickle protocol 0, which loses the places of tensors: PyTorch cannot load it either. Save it again with protocol 2 or later.',
  );
}
