import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ModelFormatError } from '../../../../../src/core/errors';
import { editPickle, type PickleEdit } from '../../../../../src/core/formats/pickle/editPickle';
import {
  pickleCall,
  pickleGlobal,
  pickleInt,
  pickleText,
  pickleTuple,
} from '../../../../../src/core/formats/pickle/pickleBytes';
import { entriesOf, type PickleEntry } from '../../../../../src/core/formats/pickle/pickleValue';
import type { PickleDocument } from '../../../../../src/core/formats/pickle/readPickle';
import { executePlan } from '../../../../support/executePlan';
import { pickleOf, plain, readAll, unicode } from '../../../../support/pickleText';

/** Carries out the edits and reads the result. */
function edited(document: PickleDocument, edits: readonly PickleEdit[]): PickleDocument {
  return readAll(bytesAfter(document, edits));
}

function bytesAfter(document: PickleDocument, edits: readonly PickleEdit[]): Uint8Array {
  const { pieces } = editPickle(document, edits, 0);
  const plan = { files: [{ name: 'x', pieces, checksums: [] }] };
  return executePlan(plan, [document.source]).get('x')!;
}

function entry(document: PickleDocument, key: string): PickleEntry {
  return entriesOf(document.root)!.find((candidate) => candidate.key === key)!;
}

function cut(document: PickleDocument, key: string): PickleEdit {
  const { first, end } = entry(document, key);
  return { first, end, bytes: new Uint8Array() };
}

suite('cutting pickles', () => {
  test('keeps every byte when there is nothing to edit', () => {
    const bytes = pickleOf('\x80\x04\x95\x02', '\x00'.repeat(7), 'N.');
    assert.deepEqual(bytesAfter(readAll(bytes), []), bytes);
  });

  test('takes an entry out of a batch and leaves the bytes of the others', () => {
    const bytes = pickleOf('}(', unicode('a'), 'K\x01', unicode('b'), 'K\x02', unicode('c'), 'Nu.');
    const document = readAll(bytes);
    assert.deepEqual(
      bytesAfter(document, [cut(document, 'b')]),
      pickleOf('}(', unicode('a'), 'K\x01', unicode('c'), 'Nu.'),
    );
  });

  test('takes out an entry that was set alone, with its SETITEM', () => {
    const document = readAll(pickleOf('}', unicode('a'), 'K\x01s', unicode('b'), 'K\x02s.'));
    assert.deepEqual(plain(edited(document, [cut(document, 'a')]).root), { b: 2 });
  });

  test('may empty a batch', () => {
    const document = readAll(pickleOf('}(', unicode('a'), 'K\x01u.'));
    assert.deepEqual(plain(edited(document, [cut(document, 'a')]).root), {});
  });

  test('inserts and replaces', () => {
    const document = readAll(pickleOf('}(', unicode('a'), 'K\x01', unicode('b'), 'K\x02u.'));
    const { end, valueFirst } = entry(document, 'a');
    const insertion = { first: end, end, bytes: pickleOf(unicode('new'), 'K\x07') };
    const replacement = { first: valueFirst, end, bytes: pickleOf('K\x09') };
    assert.deepEqual(plain(edited(document, [insertion, replacement]).root), {
      a: 9,
      new: 7,
      b: 2,
    });
  });

  test('writes an object again where a later part refers to one that was cut out', () => {
    const shared = pickleOf('(K\x01K\x02tq\x05');
    const document = readAll(
      pickleOf('}(', unicode('a'), shared, unicode('b'), 'h\x05', unicode('c'), 'h\x05u.'),
    );
    const result = edited(document, [cut(document, 'a')]);
    assert.deepEqual(plain(result.root), { b: { tuple: [1, 2] }, c: { tuple: [1, 2] } });
    const [b, c] = entriesOf(result.root)!;
    assert.equal(b!.value, c!.value, 'they are one object still');
  });

  test('writes an object again with all that was put into it later', () => {
    const list = pickleOf(']q\x05(K\x01K\x02e');
    const document = readAll(pickleOf('}(', unicode('a'), list, unicode('b'), 'h\x05u.'));
    assert.deepEqual(plain(edited(document, [cut(document, 'a')]).root), { b: [1, 2] });
  });

  test('writes objects again that the object refers to in turn', () => {
    const inner = pickleOf(unicode('a'), 'cm\nf\nq\x01');
    const outer = pickleOf(unicode('b'), 'h\x01)Rq\x02');
    const document = readAll(pickleOf('}(', inner, outer, unicode('c'), 'h\x02u.'));
    const result = edited(document, [cut(document, 'a'), cut(document, 'b')]);
    assert.deepEqual(plain(result.root), { c: { call: 'm.f', args: [] } });
  });

  test('follows a memo index that is used again for something else', () => {
    const document = readAll(
      pickleOf(
        '}(',
        unicode('a'),
        'K\x01q\x00',
        unicode('b'),
        'h\x00',
        unicode('c'),
        'K\x02q\x00',
        unicode('d'),
        'h\x00u.',
      ),
    );
    assert.deepEqual(plain(edited(document, [cut(document, 'a')]).root), { b: 1, c: 2, d: 2 });
    assert.deepEqual(plain(edited(document, [cut(document, 'c')]).root), { a: 1, b: 1, d: 2 });
  });

  test('keeps the count that MEMOIZE goes by', () => {
    // memo: 0 the dict, 1 'a', 2 (1,), 3 'b', 4 (2,)
    const document = readAll(
      pickleOf(
        '\x80\x04}\x94(\x8c\x01a\x94K\x01\x85\x94\x8c\x01b\x94K\x02\x85\x94\x8c\x01ch\x04u.',
      ),
    );
    assert.deepEqual(plain(edited(document, [cut(document, 'a')]).root), {
      b: { tuple: [2] },
      c: { tuple: [2] },
    });
    assert.deepEqual(plain(edited(document, [cut(document, 'b')]).root), {
      a: { tuple: [1] },
      c: { tuple: [2] },
    });
  });

  test('fills the count before the MEMOIZE of an object that was replaced', () => {
    // memo: 0 the dict, 1 the class, 2 the object, 3 'b'
    const document = readAll(
      pickleOf('\x80\x04}\x94(\x8c\x01aca\nB\n\x94)\x81\x94\x8c\x01b\x94h\x02\x8c\x01ch\x03u.'),
    );
    const object = entry(document, 'a').value;
    assert.ok(typeof object === 'object' && object?.kind === 'call');
    const bytes = pickleOf('cx\nY\n)\x81');
    const edit = { first: object.first, end: object.operation + 1, bytes };
    assert.deepEqual(plain(edited(document, [edit]).root), {
      a: { call: 'x.Y', args: [] },
      b: { call: 'x.Y', args: [] },
      c: 'b',
    });
  });

  test('drops the frames of protocol 4, whose lengths would be wrong', () => {
    const body = pickleOf('}(\x8c\x01aK\x01\x8c\x01bK\x02u.');
    const head = pickleOf('\x80\x04\x95', body.length, '\x00'.repeat(7));
    const document = readAll(pickleOf(head, body));
    const bytes = bytesAfter(document, [cut(document, 'a')]);
    assert.deepEqual(bytes, pickleOf('\x80\x04}(\x8c\x01bK\x02u.'));
  });

  test('tells which storages are still loaded', () => {
    const document = readAll(pickleOf('}(', unicode('a'), 'K\x01Q', unicode('b'), 'K\x02Qu.'));
    const { persistentKept } = editPickle(document, [cut(document, 'a')], 0);
    const kept = document.persistent.filter(({ operation }) => persistentKept.has(operation));
    assert.deepEqual(
      kept.map(({ object }) => object.id),
      [2],
    );
  });

  test('counts a storage as loaded when the tensor around it is written again', () => {
    const document = readAll(pickleOf('}(', unicode('a'), 'K\x01Qq\x00', unicode('b'), 'h\x00u.'));
    const { persistentKept } = editPickle(document, [cut(document, 'a')], 0);
    assert.equal(persistentKept.size, 1);
  });

  test('writes each of many levels again once, although every one is read twice', () => {
    const level = '(h\x00h\x00tq\x00';
    const document = readAll(
      pickleOf('}(', unicode('a'), 'K\x01q\x00', level.repeat(40), unicode('b'), 'h\x00u.'),
    );
    const { length } = bytesAfter(document, [cut(document, 'a')]);
    assert.ok(length < 1000, `${length} bytes`);
  });

  test('leaves long payloads in the file', () => {
    const payload = pickleOf('B\x00\x00\x20\x00', new Uint8Array(0x200000));
    const document = readAll(pickleOf('}(', unicode('a'), 'K\x01', unicode('b'), payload, 'u.'));
    const { pieces } = editPickle(document, [cut(document, 'a')], 0);
    assert.ok(pieces.some(({ kind }) => kind === 'copy'));
    const bytes = pieces.reduce(
      (sum, piece) => sum + (piece.kind === 'bytes' ? piece.bytes.length : 0),
      0,
    );
    assert.ok(bytes < 100);
  });
});

suite('bytes of pickle expressions', () => {
  test('read back as what they say', () => {
    const { root } = readAll(
      pickleOf(
        pickleTuple(
          pickleText('läyer'),
          pickleInt(7),
          pickleInt(300),
          pickleInt(70_000),
          pickleInt(2 ** 40),
          pickleCall(pickleGlobal('a.b', 'C'), pickleTuple()),
        ),
        '.',
      ),
    );
    assert.deepEqual(plain(root), {
      tuple: ['läyer', 7, 300, 70_000, 2 ** 40, { call: 'a.b.C', args: [{ tuple: [] }] }],
    });
  });

  test('an edit that overlaps another is a mistake of ours, not of the file', () => {
    const document = readAll(pickleOf('}(', unicode('a'), 'K\x01u.'));
    const edit = cut(document, 'a');
    assert.throws(
      () => editPickle(document, [edit, { ...edit, first: edit.first + 1 }], 0),
      (error) => !(error instanceof ModelFormatError),
    );
  });
});
