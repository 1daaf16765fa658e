import { concatBytes } from '../../bytes/concatBytes';
import type { PickleEdit } from '../pickle/editPickle';
import { op } from '../pickle/opcodes';
import { pickleList, pickleText, pickleTuple } from '../pickle/pickleBytes';
import type { PickleEntry } from '../pickle/pickleValue';

/** Takes an entry out of its dict. */
export function cutEntry({ first, end }: PickleEntry): PickleEdit {
  return { first, end, bytes: new Uint8Array() };
}

/** Gives an entry another value. */
export function replaceValue(entry: PickleEntry, bytes: Uint8Array): PickleEdit {
  const { valueFirst, end, isSingle, pair } = entry;
  return { first: valueFirst, end: pair?.valueEnd ?? (isSingle ? end - 1 : end), bytes };
}

/** Gives an entry another key. */
export function replaceKey(entry: PickleEntry, key: string): PickleEdit {
  const { first, valueFirst, pair } = entry;
  const bytes = pickleText(key);
  return { first: pair?.keyFirst ?? first, end: pair?.keyEnd ?? valueFirst, bytes };
}

/** Adds an entry behind another one, in the form that one has. */
export function insertAfter(entry: PickleEntry, key: string, value: Uint8Array): PickleEdit {
  const { end, isSingle, pair } = entry;
  const name = pickleText(key);
  const content = pair === null ? [name, value] : [pairs[pair.kind](name, value)];
  const add = Uint8Array.of(pair === null ? op.SETITEM : op.APPEND);
  return { first: end, end, bytes: concatBytes(isSingle ? [...content, add] : content) };
}

const pairs = { list: pickleList, tuple: pickleTuple };
