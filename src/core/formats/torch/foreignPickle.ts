import type { PickleDocument } from '../pickle/readPickle';
import { unsafeNames } from './unsafeNames';

/** Says what a pickle is that is no file of `torch.save`, and what to do about it. */
export function foreignPickle({ globals, persistent }: PickleDocument): string {
  const [unsafe] = unsafeNames(globals);
  if (unsafe) return unsafe.message;
  // `pickle.dump` packs every storage into bytes (`TypedStorage.__reduce__` in torch/storage.py).
  if (globals.has('torch.storage._load_from_bytes')) {
    return 'This is a pickle that pickle.dump wrote, with its tensors packed inside. Load it in Python and save the state_dict with torch.save.';
  }
  if (persistent.length > 0) {
    return 'This is a pickle out of the archive that torch.save wrote, without the tensors that lay beside it. Open the archive itself.';
  }
  return 'This is a pickle, but none that torch.save wrote: it has no tensors. Save the state_dict with torch.save.';
}
