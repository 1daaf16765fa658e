import type { PickleEdit } from '../pickle/editPickle';
import type { PickleEntry } from '../pickle/pickleValue';

/** Takes an entry out of its dict. */
export function cutEntry({ first, end }: PickleEntry): PickleEdit {
  return { first, end, bytes: new Uint8Array() };
}

/** Gives an entry another value. */
export function replaceValue(entry: PickleEntry, bytes: Uint8Array): PickleEdit {
  return { first: entry.valueFirst, end: entry.isSingle ? entry.end - 1 : entry.end, bytes };
}
