import { MemorySource, type ByteSource } from '../../bytes/byteSource';
import type { OutputFile } from '../../bytes/outputPlan';
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError, UnsupportedModelError } from '../../errors';
import { editPickle } from '../pickle/editPickle';
import { readPickle, type PickleDocument } from '../pickle/readPickle';
import type { ZipArchive } from '../zip/readZip';
import { newZipEntry, writeZip, type ZipOutput } from '../zip/writeZip';
import { readZipEntry, zipDataRange } from '../zip/zipContent';
import { STORED, type ZipEntry } from '../zip/zipEntry';
import { isOrphaned } from './isOrphaned';
import type { StateEdits } from './planStateEdits';
import { refuseTextPlaces } from './refuseTextPlaces';
import type { StorageBytes, StorageTable } from './storageTable';
import type { StorageDialect } from './torchBytes';
import type { TorchContainer } from './torchContainer';

/** Inflated pickles beyond this describe no model. */
const MAX_INFLATED_PICKLE = 32 * 1024 * 1024;
/** All compressed storages together; they must be held in memory. */
const MAX_INFLATED_STORAGES = 128 * 1024 * 1024;
/** Small notes such as `byteorder` and `version`. */
const MAX_NOTE_BYTES = 1024;

/** PyTorch's own choice, and the largest it lets anybody choose. */
const DEFAULT_ALIGNMENT = 64;
const MAX_ALIGNMENT = 64 * 1024;

/** A checkpoint of torch 1.6 and later, or a TorchScript archive: `data.pkl` and one entry for each storage. */
export class ZipContainer implements TorchContainer {
  readonly source: ByteSource;
  readonly document: PickleDocument;
  readonly dialect: StorageDialect;
  readonly storages: StorageTable = { find: (key: string) => this.findStorage(key) };
  private readonly pickleEntry: ZipEntry;
  private readonly found = new Map<string, StorageBytes | null>();
  private inflatedBytes = 0;

  /** `prefix` is the archive's top folder with its slash, `pickleName` the pickle's name in it without `.pkl`. */
  constructor(
    private readonly archive: ZipArchive,
    readonly prefix: string,
    private readonly pickleName = 'data',
  ) {
    this.source = archive.source;
    this.assertLittleEndian();
    this.pickleEntry = this.entry(`${pickleName}.pkl`);
    this.document = this.readDocument();
    refuseTextPlaces(this.document);
    this.dialect = { protocol: this.document.protocol, hasView: false };
  }

  write(edits: StateEdits, outputName: string): OutputFile {
    const isInflated = this.pickleEntry.method !== STORED;
    const pickle = editPickle(this.document, edits.pickle, isInflated ? null : 0);
    const orphaned = isOrphaned(this.document, pickle);
    const outputs: ZipOutput[] = [];
    for (const entry of this.archive.entries) {
      const key = this.storageKey(entry);
      if (entry === this.pickleEntry) {
        outputs.push({ entry, content: edits.pickle.length > 0 ? pickle.pieces : null });
        continue;
      }
      if (key === null) {
        outputs.push({ entry, content: null });
        continue;
      }
      if (!orphaned(key)) outputs.push(this.storageOutput(entry, key, edits));
      for (const { key: newKey, pieces } of edits.storages.addedAfter(key)) {
        outputs.push({ entry: this.newEntry(entry, newKey), content: pieces });
      }
    }
    const plan = writeZip(this.archive, outputs, { source: 0, alignment: this.alignment() });
    return { name: outputName, ...plan };
  }

  get storageKeys(): string[] {
    return this.archive.entries.flatMap((entry) => this.storageKey(entry) ?? []);
  }

  /** Text of a small entry such as `byteorder`; null when there is none. */
  note(name: string): string | null {
    const entry = this.archive.entriesByName.get(this.prefix + name);
    return entry ? decodeUtf8(readZipEntry(this.archive, entry, MAX_NOTE_BYTES)).trim() : null;
  }

  private entry(name: string): ZipEntry {
    const entry = this.archive.entriesByName.get(this.prefix + name);
    if (entry === undefined) throw new ModelFormatError(`the archive lacks ${this.prefix}${name}`);
    return entry;
  }

  private assertLittleEndian(): void {
    if (this.note('byteorder') === 'big') {
      throw new UnsupportedModelError(
        'The checkpoint was saved on a big-endian machine. Load and save it again on a little-endian one.',
      );
    }
  }

  private readDocument(): PickleDocument {
    const { archive, pickleEntry } = this;
    if (pickleEntry.method === STORED) {
      const { offset, length } = zipDataRange(archive, pickleEntry);
      return readPickle(archive.source, offset, offset + length);
    }
    const bytes = readZipEntry(archive, pickleEntry, MAX_INFLATED_PICKLE);
    return readPickle(new MemorySource(bytes, pickleEntry.name), 0, bytes.length);
  }

  private findStorage(key: string): StorageBytes | null {
    const known = this.found.get(key);
    if (known !== undefined) return known;
    const entry = this.archive.entriesByName.get(`${this.prefix}${this.pickleName}/${key}`);
    const bytes = entry === undefined ? null : this.readStorage(entry);
    this.found.set(key, bytes);
    return bytes;
  }

  private readStorage(entry: ZipEntry): StorageBytes {
    if (entry.method === STORED) {
      const { offset, length } = zipDataRange(this.archive, entry);
      return { kind: 'range', offset, length };
    }
    this.inflatedBytes += entry.size;
    if (this.inflatedBytes > MAX_INFLATED_STORAGES) {
      throw new UnsupportedModelError(
        `The checkpoint was compressed after saving, and its tensors are more than ${MAX_INFLATED_STORAGES / 2 ** 20} MiB. Load it and save it again with torch.save.`,
      );
    }
    return { kind: 'bytes', bytes: readZipEntry(this.archive, entry, MAX_INFLATED_STORAGES) };
  }

  private storageKey({ name }: ZipEntry): string | null {
    const folder = `${this.prefix}${this.pickleName}/`;
    return name.startsWith(folder) ? name.slice(folder.length) : null;
  }

  private storageOutput(entry: ZipEntry, key: string, edits: StateEdits): ZipOutput {
    if (!edits.storages.isPatched(key)) return { entry, content: null };
    const { offset, length } = zipDataRange(this.archive, entry);
    return { entry, content: edits.storages.content(key, offset, length) };
  }

  private newEntry(like: ZipEntry, key: string): ZipEntry {
    const name = `${this.prefix}${this.pickleName}/${key}`;
    return newZipEntry(like, name, encodeUtf8(name));
  }

  private alignment(): number {
    const wanted = Number(this.note('.storage_alignment') ?? DEFAULT_ALIGNMENT);
    const isUsable = Number.isInteger(wanted) && wanted > 0 && wanted <= MAX_ALIGNMENT;
    return isUsable ? wanted : DEFAULT_ALIGNMENT;
  }
}
