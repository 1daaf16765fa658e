import type { ByteSource } from '../../bytes/byteSource';
import { concatBytes } from '../../bytes/concatBytes';
import type { OutputFile, Piece } from '../../bytes/outputPlan';
import { ModelFormatError, UnsupportedModelError } from '../../errors';
import { editPickle } from '../pickle/editPickle';
import { op } from '../pickle/opcodes';
import { pickleText } from '../pickle/pickleBytes';
import { entriesOf, entryOf, itemsOf } from '../pickle/pickleValue';
import { readPickle, type PickleDocument } from '../pickle/readPickle';
import { isOrphaned } from './isOrphaned';
import type { StateEdits } from './planStateEdits';
import { refuseTextPlaces } from './refuseTextPlaces';
import type { StorageBytes, StorageTable } from './storageTable';
import type { StorageDialect } from './torchBytes';
import type { TorchContainer } from './torchContainer';
import { storageOf } from './torchTensor';

/** The number every file of torch 0.2 to 1.5 starts with, as a pickle of its own. */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const FORMAT_VERSION = 1001;
/** Elements of a storage, in front of its bytes. */
const COUNT_BYTES = 8;

/** Whether the file starts with the magic number of the format before torch 1.6. */
export function isLegacy(first: PickleDocument): boolean {
  return first.root === MAGIC_NUMBER;
}

/**
 * A file from before torch 1.6: pickles of a magic number, a version, facts on the machine, the object and the
 * storages' keys, one after the other, then the storages in the order of the keys.
 */
export class LegacyContainer implements TorchContainer {
  readonly document: PickleDocument;
  readonly dialect: StorageDialect;
  readonly storages: StorageTable = { find: (key) => this.places.get(key) ?? null };
  private readonly keys: PickleDocument;
  private readonly places = new Map<string, StorageBytes & { readonly kind: 'range' }>();
  /** Where the last storage ends. */
  private readonly end: number;

  /** `magic` is the file's first pickle. */
  constructor(
    readonly source: ByteSource,
    magic: PickleDocument,
  ) {
    const next = (previous: PickleDocument): PickleDocument =>
      readPickle(source, previous.end, source.sizeBytes);
    const version = next(magic);
    if (version.root !== FORMAT_VERSION) {
      throw new UnsupportedModelError(
        `This PyTorch file is of another version than ${FORMAT_VERSION}, the only one there was.`,
      );
    }
    const machine = next(version);
    if (entryOf(entriesOf(machine.root), 'little_endian')?.value === false) {
      throw new UnsupportedModelError(
        'The checkpoint was saved on a big-endian machine. Load and save it again on a little-endian one.',
      );
    }
    this.document = next(machine);
    refuseTextPlaces(this.document);
    this.keys = next(this.document);
    this.dialect = { protocol: this.document.protocol, hasView: true };
    this.end = this.placeStorages();
  }

  get storageKeys(): Iterable<string> {
    return this.places.keys();
  }

  write(edits: StateEdits, outputName: string): OutputFile {
    const { document, keys } = this;
    const pickle = editPickle(document, edits.pickle, 0);
    const orphaned = isOrphaned(document, pickle);
    const storages: Piece[] = [];
    const newKeys: string[] = [];
    for (const [key, { offset, length }] of this.places) {
      if (!orphaned(key)) {
        newKeys.push(key);
        storages.push(copy(offset - COUNT_BYTES, COUNT_BYTES));
        storages.push(...edits.storages.content(key, offset, length));
      }
      for (const added of edits.storages.addedAfter(key)) {
        newKeys.push(added.key);
        storages.push({ kind: 'bytes', bytes: countBytes(added.count) }, ...added.pieces);
      }
    }
    const isSameList = newKeys.join() === [...this.places.keys()].join();
    return {
      name: outputName,
      pieces: [
        copy(0, document.start),
        ...pickle.pieces,
        isSameList
          ? copy(keys.start, keys.end - keys.start)
          : { kind: 'bytes', bytes: keyList(newKeys) },
        ...storages,
        copy(this.end, this.source.sizeBytes - this.end),
      ],
      checksums: [],
    };
  }

  /** Finds every storage behind the list of keys; returns where the last one ends. */
  private placeStorages(): number {
    const itemBytesByKey = new Map<string, number>();
    for (const { object } of this.document.persistent) {
      const storage = storageOf(object.id);
      if (storage !== null) itemBytesByKey.set(storage.key, storage.type.itemBytes);
    }
    let at = this.keys.end;
    for (const key of itemsOf(this.keys.root) ?? []) {
      const name = typeof key === 'string' || typeof key === 'number' ? String(key) : '';
      const itemBytes = itemBytesByKey.get(name);
      if (itemBytes === undefined || this.places.has(name)) {
        throw new ModelFormatError(`storage ${name} belongs to no tensor, or comes twice`, at);
      }
      const count = this.readCount(at);
      const length = count * itemBytes;
      if (length > this.source.sizeBytes - at - COUNT_BYTES) {
        throw new ModelFormatError(
          `storage ${name} of ${count} elements does not fit the file of ${this.source.sizeBytes} bytes`,
          at,
        );
      }
      this.places.set(name, { kind: 'range', offset: at + COUNT_BYTES, length });
      at += COUNT_BYTES + length;
    }
    return at;
  }

  private readCount(at: number): number {
    const bytes = this.source.read(at, COUNT_BYTES);
    const count = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
    return count > BigInt(this.source.sizeBytes) ? Infinity : Number(count);
  }
}

function copy(offset: number, length: number): Piece {
  return { kind: 'copy', source: 0, offset, length };
}

function countBytes(count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(COUNT_BYTES));
  view.setBigUint64(0, BigInt(count), true);
  return new Uint8Array(view.buffer);
}

function keyList(keys: readonly string[]): Uint8Array {
  return concatBytes([
    Uint8Array.of(op.PROTO, 2, op.EMPTY_LIST, op.MARK),
    ...keys.map(pickleText),
    Uint8Array.of(op.APPENDS, op.STOP),
  ]);
}
