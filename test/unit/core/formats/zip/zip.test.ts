import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource, type ByteSource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { patchZip } from '../../../../../src/core/formats/zip/patchZip';
import { readZip, type ZipArchive } from '../../../../../src/core/formats/zip/readZip';
import { newZipEntry, writeZip, type ZipPlan } from '../../../../../src/core/formats/zip/writeZip';
import { readZipEntry, zipDataRange } from '../../../../../src/core/formats/zip/zipContent';
import { executePlan } from '../../../../support/executePlan';
import { torchFixture } from '../../../../support/torchFixtures';
import { crc32, zipBytes } from '../../../../support/zipBytes';

const hello = Buffer.from('hello');
const zeros = new Uint8Array(100_000);

function archiveOf(bytes: Uint8Array): ZipArchive {
  return readZip(new MemorySource(bytes, 'a.zip'));
}

function contentOf(archive: ZipArchive, name: string): string {
  const entry = archive.entriesByName.get(name)!;
  return Buffer.from(readZipEntry(archive, entry, 1e6)).toString();
}

function execute(plan: ZipPlan, source: ByteSource): Uint8Array {
  return executePlan({ files: [{ name: 'x', ...plan }] }, [source]).get('x')!;
}

/** Every entry's checksum in the directory is that of its bytes. */
function assertSound(archive: ZipArchive): void {
  for (const entry of archive.entries) {
    assert.equal(entry.crc32, crc32(readZipEntry(archive, entry, 1e6)), entry.name);
  }
}

suite('reading archives', () => {
  test('lists entries in the order of their data, and reads stored and deflated ones', () => {
    const archive = archiveOf(
      zipBytes([
        { name: 'a', data: hello },
        { name: 'b/c', data: zeros, isDeflated: true },
        { name: 'd', data: new Uint8Array(), descriptor: 'signed' },
      ]),
    );
    assert.deepEqual(
      archive.entries.map(({ name }) => name),
      ['a', 'b/c', 'd'],
    );
    assert.equal(contentOf(archive, 'a'), 'hello');
    assert.equal(contentOf(archive, 'b/c').length, zeros.length);
    assertSound(archive);
  });

  test('finds the end behind a comment that looks like an end itself', () => {
    const bytes = zipBytes([{ name: 'a', data: hello }], {
      comment: 'PK\x05\x06 and more text here',
    });
    assert.equal(contentOf(archiveOf(bytes), 'a'), 'hello');
  });

  test('reads the zip64 records that PyTorch always writes', () => {
    const archive = archiveOf(torchFixture('zip.pth'));
    assert.ok(archive.hasZip64End);
    assertSound(archive);
  });

  test('reads the directory only, not the data', () => {
    const bytes = zipBytes([{ name: 'a', data: new Uint8Array(1e6) }]);
    const { source } = archiveOf(bytes);
    assert.ok(source.bytesRead < 70_000, `${source.bytesRead} bytes read`);
  });
});

suite('damaged and hostile archives', () => {
  const refused: [string, Uint8Array, RegExp][] = [
    ['one without its end', zipBytes([{ name: 'a', data: hello }]).slice(0, -4), /cut off/],
    [
      'names that repeat',
      zipBytes([
        { name: 'a', data: hello },
        { name: 'a', data: hello },
      ]),
      /twice/,
    ],
    [
      'entries that overlap',
      zipBytes([
        { name: 'a', data: hello },
        { name: 'b', data: hello, claimedOffset: 3 },
      ]),
      /overlaps/,
    ],
    [
      'an entry that reaches into the directory',
      zipBytes([{ name: 'a', data: hello, claimedCompressedSize: 500, claimedSize: 500 }]),
      /overlaps/,
    ],
    [
      'an entry behind the directory',
      zipBytes([{ name: 'a', data: hello, claimedOffset: 60 }]),
      /overlaps/,
    ],
    [
      'more entries than there are',
      zipBytes([{ name: 'a', data: hello }], { claimedEntries: 2 }),
      /does not fit|missing/,
    ],
    [
      'a million entries',
      zipBytes([{ name: 'a', data: hello }], { claimedEntries: 0xffff }),
      /does not fit|claims/,
    ],
    ['encrypted entries', zipBytes([{ name: 'a', data: hello, flags: 1 }]), /encrypted/],
  ];
  for (const [what, bytes, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => archiveOf(bytes),
        (error) => error instanceof ModelFormatError && message.test(error.message),
      );
    });
  }

  const unreadable: [string, Uint8Array, RegExp][] = [
    [
      'a stored entry of two sizes',
      zipBytes([{ name: 'a', data: hello, claimedSize: 4 }]),
      /no room/,
    ],
    [
      'an entry under another name',
      zipBytes([{ name: 'a', data: hello, localName: 'b' }]),
      /disagree/,
    ],
    ['an unknown compression', zipBytes([{ name: 'a', data: hello, method: 93 }]), /method 93/],
    [
      'a bomb that promises little',
      zipBytes([{ name: 'a', data: zeros, isDeflated: true, claimedSize: 10 }]),
      /does not inflate to the 10 bytes/,
    ],
    [
      'less than was promised',
      zipBytes([{ name: 'a', data: hello, isDeflated: true, claimedSize: 100 }]),
      /does not inflate to the 100 bytes/,
    ],
    [
      'a bomb that promises much',
      zipBytes([{ name: 'a', data: hello, isDeflated: true, claimedSize: 2_000_000 }]),
      /at most 1000000/,
    ],
    [
      'what is no deflate stream',
      zipBytes([{ name: 'a', data: Buffer.from('\xff\xff\xff\xff'), method: 8 }]),
      /cannot be inflated|does not inflate/,
    ],
  ];
  for (const [what, bytes, message] of unreadable) {
    test(`refuses to read ${what}`, () => {
      const archive = archiveOf(bytes);
      assert.throws(
        () => readZipEntry(archive, archive.entries[0]!, 1e6),
        (error) => error instanceof ModelFormatError && message.test(error.message),
      );
    });
  }
});

suite('writing archives', () => {
  test('gives back a file of PyTorch byte for byte when nothing changes', () => {
    for (const name of ['zip.pth', 'tied.pth', 'module.pth', 'traced.pt']) {
      const bytes = torchFixture(name);
      const archive = archiveOf(bytes);
      const outputs = archive.entries.map((entry) => ({ entry, content: null }));
      const plan = writeZip(archive, outputs, { source: 0, alignment: 64 });
      assert.deepEqual(execute(plan, archive.source), bytes, name);
    }
  });

  test('aligns the data of every entry again after one has grown', () => {
    const archive = archiveOf(torchFixture('zip.pth'));
    const bytes = Buffer.from('x'.repeat(777));
    const outputs = archive.entries.map((entry) => ({
      entry,
      content: entry.name.endsWith('data.pkl') ? [{ kind: 'bytes', bytes } as const] : null,
    }));
    const plan = writeZip(archive, outputs, { source: 0, alignment: 64 });
    const written = archiveOf(execute(plan, archive.source));
    for (const entry of written.entries) {
      assert.equal(zipDataRange(written, entry).offset % 64, 0, entry.name);
    }
    assertSound(written);
    assert.equal(contentOf(written, 'zip/data.pkl'), 'x'.repeat(777));
  });

  test('adds entries, leaves entries out, and stores what was deflated', () => {
    const archive = archiveOf(
      zipBytes([
        { name: 'a', data: hello, isDeflated: true },
        { name: 'b', data: hello, descriptor: 'signed' },
        { name: 'c', data: hello },
      ]),
    );
    const [a, b] = archive.entries;
    const added = newZipEntry(b!, 'new', Buffer.from('new'));
    const bytes = Buffer.from('content');
    const plan = writeZip(
      archive,
      [
        { entry: a!, content: [{ kind: 'bytes', bytes }] },
        { entry: b!, content: null },
        {
          entry: added,
          content: [
            { kind: 'bytes', bytes },
            { kind: 'bytes', bytes },
          ],
        },
        { entry: { ...added, name: 'none', nameBytes: Buffer.from('none') }, content: [] },
      ],
      { source: 0, alignment: 64 },
    );
    const written = archiveOf(execute(plan, archive.source));
    assert.deepEqual(
      written.entries.map(({ name }) => [name, contentOf(written, name)]),
      [
        ['a', 'content'],
        ['b', 'hello'],
        ['new', 'contentcontent'],
        ['none', ''],
      ],
    );
    assertSound(written);
  });

  test('writes zip64 fields for entries behind the fourth gigabyte', () => {
    const archive = archiveOf(torchFixture('zip.pth'));
    const [pickle, ...rest] = archive.entries;
    const large = { kind: 'copy', source: 0, offset: 0, length: 2 ** 32 + 8 } as const;
    const plan = writeZip(
      archive,
      [{ entry: pickle!, content: [large] }, ...rest.map((entry) => ({ entry, content: null }))],
      { source: 0, alignment: 64 },
    );
    const source = new SparseSource(plan);
    const written = readZip(source);
    assert.equal(written.entries[0]!.size, large.length);
    for (const [idx, entry] of written.entries.entries()) {
      const range = zipDataRange(written, entry);
      assert.equal(range.offset % 64, 0);
      if (idx > 0) assert.ok(range.offset > 2 ** 32);
    }
    assert.equal(contentOf(written, 'zip/byteorder'), 'little');
  });
});

suite('patching archives in place', () => {
  for (const descriptor of [undefined, 'signed', 'bare'] as const) {
    test(`changes bytes and checksums, and nothing else (descriptor: ${descriptor ?? 'none'})`, () => {
      const sketch = { data: hello, ...(descriptor ? { descriptor } : {}) };
      const bytes = zipBytes([
        { name: 'a', ...sketch },
        { name: 'b', ...sketch },
      ]);
      const archive = archiveOf(bytes);
      const { offset } = zipDataRange(archive, archive.entries[1]!);
      const piece = { kind: 'bytes', bytes: Buffer.from('EL') } as const;
      const plan = patchZip(archive, [{ offset: offset + 1, piece }], 0);
      const patched = execute(plan, archive.source);
      const expected = zipBytes([
        { name: 'a', ...sketch },
        { name: 'b', ...sketch, data: Buffer.from('hELlo') },
      ]);
      assert.deepEqual(patched, expected);
    });
  }

  test('refuses to patch what is no entry', () => {
    const archive = archiveOf(zipBytes([{ name: 'a', data: hello }]));
    const piece = { kind: 'bytes', bytes: Buffer.from('too long') } as const;
    const { offset } = zipDataRange(archive, archive.entries[0]!);
    assert.throws(() => patchZip(archive, [{ offset, piece }], 0), ModelFormatError);
  });
});

/** The bytes of a plan without its large copies, which read as zeros. */
class SparseSource implements ByteSource {
  readonly name = 'sparse';
  readonly sizeBytes: number;
  readonly bytesRead = 0;
  private readonly parts: {
    readonly at: number;
    readonly length: number;
    readonly bytes: Uint8Array | null;
  }[] = [];

  constructor(plan: ZipPlan) {
    let at = 0;
    const small = torchFixture('zip.pth');
    for (const piece of plan.pieces) {
      const length = piece.kind === 'bytes' ? piece.bytes.length : piece.length;
      const copied =
        piece.kind === 'copy' && length < 1e6
          ? small.slice(piece.offset, piece.offset + length)
          : null;
      this.parts.push({ at, length, bytes: piece.kind === 'bytes' ? piece.bytes : copied });
      at += length;
    }
    this.sizeBytes = at;
  }

  read(offset: number, length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (const part of this.parts) {
      const from = Math.max(offset, part.at);
      const to = Math.min(offset + length, part.at + part.length);
      if (from >= to || part.bytes === null) continue;
      result.set(part.bytes.subarray(from - part.at, to - part.at), from - offset);
    }
    return result;
  }
}
