import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ModelFormatError } from '../../../../../src/core/errors';
import {
  pickleOf,
  plain,
  readAll,
  unicode,
  type PickleParts,
} from '../../../../support/pickleText';

function read(...parts: PickleParts): unknown {
  return plain(readAll(pickleOf(...parts)).root);
}

suite('pickles as data', () => {
  const values: [string, PickleParts, unknown][] = [
    ['None', ['N.'], null],
    ['truth of protocol 2', ['\x80\x02\x88.'], true],
    ['truth of protocol 0', ['I01\n.'], true],
    ['untruth of protocol 0', ['I00\n.'], false],
    ['a number as text', ['I-12\n.'], -12],
    ['a long as text', ['L12345678901234567890L\n.'], 12345678901234567890n],
    ['a byte', ['K\xff.'], 255],
    ['two bytes', ['M\x01\x02.'], 0x201],
    ['four bytes, signed', ['J\xfe\xff\xff\xff.'], -2],
    ['a long of protocol 2', ['\x8a\x02\x00\xff.'], -256],
    ['a long of no bytes', ['\x8a\x00.'], 0],
    ['a longer long', ['\x8b\x02\x00\x00\x00\x00\x01.'], 256],
    ['a long beyond all counts', ['\x8a\x28', 'x'.repeat(40), '.'], { blob: 40 }],
    ['a float as text', ['F1.5\n.'], 1.5],
    ['infinity as text', ['F-inf\n.'], -Infinity],
    ['a float', ['G\x3f\xf8\x00\x00\x00\x00\x00\x00.'], 1.5],
    ['a quoted text', ["S'it\\'s \\x41\\n'\n."], "it's A\n"],
    ['a raw unicode text', ['Va\\u00e4\n.'], 'aä'],
    ['a short text', ['\x8c\x02hi.'], 'hi'],
    ['a text of Python 2', ['U\x02hi.'], 'hi'],
    ['a text with a length of eight bytes', ['\x8d\x02', '\x00'.repeat(7), 'hi.'], 'hi'],
    ['bytes', ['C\x03abc.'], { blob: 3 }],
    ['a byte array', ['\x96\x03', '\x00'.repeat(7), 'abc.'], { blob: 3 }],
    ['an empty tuple', [').'], { tuple: [] }],
    ['tuples of one, two and three', ['K\x01\x85K\x02K\x03\x86NNN\x87\x87.'], tuples()],
    ['a tuple of many', ['(K\x01K\x02K\x03K\x04t.'], { tuple: [1, 2, 3, 4] }],
    ['a list of protocol 0', ['(K\x01K\x02l.'], [1, 2]],
    ['a list that is added to', [']K\x01a(K\x02K\x03e.'], [1, 2, 3]],
    ['a set', ['\x8f(K\x01\x90.'], { set: [1] }],
    ['a frozen set', ['(K\x01\x91.'], { set: [1] }],
    ['a dict of protocol 0', ['(', unicode('a'), 'K\x01d.'], { a: 1 }],
    [
      'a dict that is added to',
      ['}', unicode('a'), 'K\x01s(', unicode('b'), 'Nu.'],
      { a: 1, b: null },
    ],
    ['a value that is named and read', [']q\x00h\x00a.'], ['…']],
    ['a value that is named by count', ['K\x01\x94h\x00\x86.'], { tuple: [1, 1] }],
    [
      'names as text and of four bytes',
      ['K\x01p7\ng7\nr\x00\x01\x00\x00j\x00\x01\x00\x00\x87.'],
      three(),
    ],
    ['what is thrown away', ['K\x01K\x020K\x03(NN1\x86.'], { tuple: [1, 3] }],
    ['what is doubled', ['K\x012\x86.'], { tuple: [1, 1] }],
    ['an object by name', ['cmath\npi\n.'], 'math.pi'],
    ['an object by names on the stack', ['\x8c\x04math\x8c\x02pi\x93.'], 'math.pi'],
    ['an extension', ['\x82\x07.'], 'copyreg extension.7'],
    ['a storage', ['K\x05Q.'], { persistent: 5 }],
    ['a storage as text', ['Pkey\n.'], { persistent: 'key' }],
    ['a buffer outside', ['\x97\x98.'], { persistent: null }],
    ['a frame', ['\x80\x04\x95\x02', '\x00'.repeat(7), 'N.'], null],
  ];
  for (const [what, parts, expected] of values) {
    test(`reads ${what}`, () => {
      assert.deepEqual(read(...parts), expected);
    });
  }

  test('calls nothing: an object is what would be called, with its arguments, entries and state', () => {
    assert.deepEqual(read('cos\nsystem\n(', unicode('rm -rf /'), 'tR.'), {
      call: 'os.system',
      args: ['rm -rf /'],
    });
    assert.deepEqual(read('ccollections\nOrderedDict\n)R(', unicode('a'), 'K\x01u}b.'), {
      call: 'collections.OrderedDict',
      args: [],
      entries: [['a', 1]],
      state: {},
    });
    assert.deepEqual(read('ca\nB\n)\x81]K\x01aa.'), { call: 'a.B', args: [], items: [[1]] });
    assert.deepEqual(read('ca\nB\n(K\x01t}\x92.'), { call: 'a.B', args: [{ tuple: [1] }, {}] });
    assert.deepEqual(read('(K\x01ia\nB\n.'), { call: 'a.B', args: [1] });
    assert.deepEqual(read('(ca\nB\nK\x01o.'), { call: 'a.B', args: [1] });
  });

  test('leaves long texts in the file', () => {
    const text = 'x'.repeat(5 * 1024 * 1024);
    assert.deepEqual(read(unicode(text), '.'), { blob: text.length });
  });

  test('stops at STOP, so that pickles can follow one another', () => {
    const { end } = readAll(pickleOf('N.N.'));
    assert.equal(end, 2);
  });

  test('keeps the operations that wrote each entry of a dict', () => {
    const { root, ops } = readAll(pickleOf('}(', unicode('a'), 'K\x01', unicode('b'), 'Nu.'));
    assert.ok(typeof root === 'object' && root?.kind === 'dict');
    const [first, second] = root.entries;
    assert.deepEqual(
      [first!.first, first!.valueFirst, first!.end, second!.first, second!.end].map((idx) =>
        String.fromCharCode(ops.code(idx)),
      ),
      ['X', 'K', 'X', 'X', 'u'],
    );
  });
});

suite('dicts that are made of a list of pairs', () => {
  const class_ = 'ccollections\nOrderedDict\n';
  const [a, b] = [unicode('a'), unicode('b')];
  const wanted = {
    call: 'collections.OrderedDict',
    args: [],
    entries: [
      ['a', 1],
      ['b', null],
    ],
  };
  const forms: [string, PickleParts][] = [
    ['lists, as Python 2 writes them', [class_, ']q\x01(]q\x02(', a, 'K\x01e](', b, 'Nee\x85R.']],
    ['tuples', [class_, '](', a, 'K\x01\x86q\x02', b, 'N\x86e\x85R.']],
    ['pairs that are added one by one', [class_, ']](', a, 'K\x01ea](', b, 'Nea\x85R.']],
    ['lists that are filled one by one', [class_, '](]', a, 'aK\x01a]', b, 'aNae\x85R.']],
    ['a pair, and an entry that is set later', [class_, ']](', a, 'K\x01ea\x85R', b, 'Ns.']],
  ];
  for (const [name, parts] of forms) {
    test(`reads ${name}`, () => {
      assert.deepEqual(read(...parts), wanted);
    });
  }

  test('reads an empty list as no entries', () => {
    assert.deepEqual(read(class_, ']\x85R.'), { call: 'collections.OrderedDict', args: [] });
  });

  const opaque: [string, PickleParts][] = [
    ['a list of more than pairs', [class_, '](', a, 'K\x01N\x87e\x85R.']],
    ['a list of texts', [class_, '](', a, b, 'e\x85R.']],
    ['another class', ['cm\nf\n', '](', a, 'K\x01\x86e\x85R.']],
  ];
  for (const [name, parts] of opaque) {
    test(`takes ${name} for an argument like any other`, () => {
      const value = read(...parts);
      assert.ok(typeof value === 'object' && value !== null && !('entries' in value));
    });
  }

  test('leaves a list alone that something else holds as well: an edit would change that too', () => {
    const pair = pickleOf(a, 'K\x01\x86q\x05');
    const shared: PickleParts[] = [
      ['](', pair, 'eq\x01', class_, 'h\x01\x85R\x86.'],
      [pair, class_, '](h\x05e\x85R\x86.'],
      [a, 'q\x05', class_, '](h\x05K\x01\x86q\x06h\x06e\x85R\x86.'],
    ];
    for (const parts of shared) {
      const { tuple } = read(...parts) as { tuple: unknown[] };
      assert.ok(!('entries' in (tuple[1] as object)), JSON.stringify(tuple[1]));
    }
  });
});

suite('damaged and hostile pickles', () => {
  const refused: [string, PickleParts, RegExp][] = [
    ['an empty one', [], /cut off/],
    ['one without STOP', ['N'], /cut off/],
    ['one that stops with nothing', ['.'], /empty stack/],
    ['a value from below a mark', ['N(\x85.'], /empty stack/],
    ['a batch without a mark', ['}u.'], /lacks a MARK/],
    ['a key without a value', ['}(Nu.'], /no value/],
    ['a name that was never set', ['h\x05.'], /memo 5/],
    ['a name beyond all counts', ['Nr\xff\xff\xff\xff.'], /memo index/],
    ['a name that is no number', ['Npx\n.'], /memo index/],
    ['an unknown opcode', ['\xff.'], /0xff is no pickle opcode/],
    ['a protocol of the future', ['\x80\x09N.'], /protocol 9/],
    ['a text longer than the file', ['X\xff\xff\xff\x7fabc'], /cut off/],
    ['bytes longer than the file', ['\x8e', '\xff'.repeat(8), 'abc'], /cut off/],
    ['a number that is none', ['Ix\n.'], /number that is none/],
    ['a line without end', ['c', 'x'.repeat(100_000)], /longer than|cut off/],
    ['a class by something that is no text', ['NN\x93.'], /no text/],
    ['deep nesting', ['\x80\x02', ']'.repeat(300_000), '.'], /stacks more than/],
    ['a million marks', ['('.repeat(1_000_000)], /stacks more than/],
    ['a million objects', [']', '(]]]]]]]]e'.repeat(200_000), '.'], /more than fits/],
  ];
  for (const [what, parts, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => readAll(pickleOf(...parts)),
        (error) => error instanceof ModelFormatError && message.test(error.message),
      );
    });
  }

  test('says at which byte the trouble is', () => {
    assert.throws(() => readAll(pickleOf('NNN\xff')), /at byte 3/);
  });

  test('reads a thousand levels of sharing without copying any', () => {
    const level = '(h\x00h\x00lq\x00';
    const { root } = readAll(pickleOf('Nq\x00', level.repeat(1000), '.'));
    assert.ok(typeof root === 'object' && root?.kind === 'list' && root.items.length === 2);
  });
});

function tuples(): unknown {
  return { tuple: [{ tuple: [1] }, { tuple: [2, 3] }, { tuple: [null, null, null] }] };
}

function three(): unknown {
  return { tuple: [1, 1, 1] };
}
