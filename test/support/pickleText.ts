import { MemorySource } from '../../src/core/bytes/byteSource';
import { concatBytes } from '../../src/core/bytes/concatBytes';
import { asNode, entriesOf, type PickleValue } from '../../src/core/formats/pickle/pickleValue';
import { readPickle, type PickleDocument } from '../../src/core/formats/pickle/readPickle';

/** What a test writes a pickle with: texts stand for their letters' bytes, numbers for single bytes. */
export type PickleParts = (string | number | Uint8Array)[];

export function pickleOf(...parts: Readonly<PickleParts>): Uint8Array {
  return concatBytes(
    parts.map((part) => {
      if (typeof part === 'number') return Uint8Array.of(part);
      return typeof part === 'string' ? Uint8Array.from(Buffer.from(part, 'latin1')) : part;
    }),
  );
}

/** BINUNICODE. */
export function unicode(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt8(0x58);
  head.writeUInt32LE(bytes.length, 1);
  return new Uint8Array(Buffer.concat([head, bytes]));
}

export function readAll(bytes: Uint8Array): PickleDocument {
  return readPickle(new MemorySource(bytes, 'pickle'), 0, bytes.length);
}

/** A value as plain JavaScript, with what is no data spelled out; cycles show as `…`. */
export function plain(value: PickleValue, around: readonly unknown[] = []): unknown {
  const node = asNode(value);
  if (node === null) return value;
  if (around.includes(node)) return '…';
  const inner = (item: PickleValue): unknown => plain(item, [...around, node]);
  switch (node.kind) {
    case 'list':
      return node.items.map(inner);
    case 'tuple':
    case 'set':
      return { [node.kind]: node.items.map(inner) };
    case 'dict':
      return Object.fromEntries(node.entries.map(({ key, value }) => [keyOf(key), inner(value)]));
    case 'global':
      return `${node.module}.${node.name}`;
    case 'persistent':
      return { persistent: inner(node.id) };
    case 'blob':
      return { blob: node.length };
    case 'call':
      return {
        call: inner(node.callee),
        args: node.args.map(inner),
        ...(node.items.length > 0 ? { items: node.items.map(inner) } : {}),
        ...(node.entries.length > 0
          ? { entries: entriesOf(node)!.map(({ key, value }) => [inner(key), inner(value)]) }
          : {}),
        ...(node.state === null ? {} : { state: inner(node.state) }),
      };
  }
}

function keyOf(key: PickleValue): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}
