import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseArguments } from '../../../../../src/core/listing/printout/printedArguments';

function parsed(text: string): [string | null, unknown][] {
  const extras: { from: number; to: number }[] = [];
  for (const match of text.matchAll(/[^\n]+/g)) {
    extras.push({ from: match.index, to: match.index + match[0].length });
  }
  return parseArguments(text, extras).map(({ name, value, range }) => {
    assert.ok(text.slice(range.from, range.to).startsWith(name ?? ''));
    return [name, value];
  });
}

suite('printed arguments', () => {
  test('are Python literals, with and without names', () => {
    assert.deepEqual(
      parsed('3, 64, kernel_size=(7, 7), bias=False, eps=1e-05, momentum=None, mode=same'),
      [
        [null, 3],
        [null, 64],
        ['kernel_size', [7, 7]],
        ['bias', false],
        ['eps', 1e-5],
        ['momentum', null],
        ['mode', 'same'],
      ],
    );
  });

  test('may be lists, tuples of one, quoted or nested', () => {
    assert.deepEqual(
      parsed("k=(3,), l=[1, 2.5], e=(), s='a, b', n=((1, 2), (3, 4)), d={'x': 1, 'y': 2}"),
      [
        ['k', [3]],
        ['l', [1, 2.5]],
        ['e', []],
        ['s', 'a, b'],
        ['n', '((1, 2), (3, 4))'],
        ['d', "{'x': 1, 'y': 2}"],
      ],
    );
  });

  test('start anew on a new line, unless a bracket is open over the break', () => {
    assert.deepEqual(parsed('64, 64, bias=False\ncfg={1:\n2}\nx=1'), [
      [null, 64],
      [null, 64],
      ['bias', false],
      ['cfg', '{1:\n2}'],
      ['x', 1],
    ]);
  });

  test('of NumPy are numbers', () => {
    assert.deepEqual(parsed('kernel_size=(np.int64(1), np.int64(3)), p=np.float64(0.5)'), [
      ['kernel_size', [1, 3]],
      ['p', 0.5],
    ]);
  });

  test('with an apostrophe stay apart', () => {
    assert.deepEqual(parsed("note=it's fine, bias=False"), [
      ['note', "it's fine"],
      ['bias', false],
    ]);
  });
});
