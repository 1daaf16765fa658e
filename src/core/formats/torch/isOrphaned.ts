import type { EditedPickle } from '../pickle/editPickle';
import type { PickleDocument } from '../pickle/readPickle';
import { storageOf } from './torchTensor';

/** Tells storages that the pickle referred to before it was edited, and does no longer. */
export function isOrphaned(
  document: PickleDocument,
  { persistentKept }: EditedPickle,
): (key: string) => boolean {
  const used = new Set<string>();
  const kept = new Set<string>();
  for (const { operation, object } of document.persistent) {
    const storage = storageOf(object.id);
    if (storage === null) continue;
    used.add(storage.key);
    if (persistentKept.has(operation)) kept.add(storage.key);
  }
  return (key) => used.has(key) && !kept.has(key);
}
