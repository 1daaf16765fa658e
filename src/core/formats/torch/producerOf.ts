import { entriesOf, entryOf, type PickleValue } from '../pickle/pickleValue';

/** Who wrote a checkpoint, where it says so; null else. PyTorch itself leaves no name. */
export function producerOf(root: PickleValue): string | null {
  const entries = entriesOf(root);
  const meta = entriesOf(entryOf(entries, 'meta')?.value);
  const named = [
    ['PyTorch Lightning', entryOf(entries, 'pytorch-lightning_version')],
    ['mmengine', entryOf(meta, 'mmengine_version')],
    ['mmcv', entryOf(meta, 'mmcv_version')],
  ] as const;
  for (const [name, entry] of named) {
    if (typeof entry?.value === 'string') return `${name} ${entry.value}`;
  }
  return null;
}
