import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { editPickle, type PickleEdit } from '../../../../../src/core/formats/pickle/editPickle';
import { pickleInt } from '../../../../../src/core/formats/pickle/pickleBytes';
import { entriesOf, type PickleEntry } from '../../../../../src/core/formats/pickle/pickleValue';
import {
  cutEntry,
  insertAfter,
  replaceKey,
  replaceValue,
} from '../../../../../src/core/formats/torch/entryEdits';
import { executePlan } from '../../../../support/executePlan';
import {
  pickleOf,
  plain,
  readAll,
  unicode,
  type PickleParts,
} from '../../../../support/pickleText';

/** The entries after edits that are made from the entries before them. */
function edited(
  parts: PickleParts,
  edit: (first: PickleEntry, second: PickleEntry) => PickleEdit[],
): unknown {
  const document = readAll(pickleOf(...parts));
  const [first, second] = entriesOf(document.root)!;
  const { pieces } = editPickle(document, edit(first!, second!), 0);
  const plan = { files: [{ name: 'x', pieces, checksums: [] }] };
  const { root } = readAll(executePlan(plan, [document.source]).get('x')!);
  return entriesOf(root)!.map(({ key, value }) => [plain(key), plain(value)]);
}

const made = 'ccollections\nOrderedDict\n';
const [a, b] = [unicode('a'), unicode('b')];

suite('edits of a dict, in every form it is written in', () => {
  const forms: [string, PickleParts][] = [
    ['entries in one batch', ['}(', a, 'K\x01', b, 'K\x02u.']],
    ['entries set one by one', ['}', a, 'K\x01s', b, 'K\x02s.']],
    ['lists of key and value', [made, '](](', a, 'K\x01e](', b, 'K\x02ee\x85R.']],
    ['lists that are named', [made, ']q\x01(]q\x02(', a, 'K\x01e]q\x03(', b, 'K\x02ee\x85R.']],
    ['lists added one by one', [made, ']](', a, 'K\x01ea](', b, 'K\x02ea\x85R.']],
    ['lists filled one by one', [made, '](]', a, 'aK\x01a]', b, 'aK\x02ae\x85R.']],
    ['tuples of key and value', [made, '](', a, 'K\x01\x86', b, 'K\x02\x86e\x85R.']],
    ['tuples added one by one', [made, ']', a, 'K\x01\x86a', b, 'K\x02\x86a\x85R.']],
  ];
  for (const [name, parts] of forms) {
    test(`${name}: cuts, replaces, renames and inserts`, () => {
      assert.deepEqual(
        edited(parts, (first) => [cutEntry(first)]),
        [['b', 2]],
      );
      assert.deepEqual(
        edited(parts, (_, second) => [cutEntry(second)]),
        [['a', 1]],
      );
      const all = edited(parts, (first, second) => [
        replaceValue(first, pickleInt(7)),
        insertAfter(first, 'new', pickleInt(8)),
        replaceKey(second, 'c'),
        insertAfter(second, 'last', pickleInt(9)),
      ]);
      assert.deepEqual(all, [
        ['a', 7],
        ['new', 8],
        ['c', 2],
        ['last', 9],
      ]);
    });
  }
});
