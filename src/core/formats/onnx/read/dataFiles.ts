import type { ByteSource, SiblingFiles } from '../../../bytes/byteSource';
import { ModelFormatError, OutsideFolderError } from '../../../errors';
import type { Problem } from '../../../model/pair';

/** Of many unreadable tensors the first ones tell the story. */
const MAX_PROBLEMS = 20;

/** Exporters write one file, or one a tensor; a file that names more wants its reader to look for them all day. */
const MAX_FILES = 10_000;

/** The values of an external tensor, or the clause that says why they are out of reach. */
export type ExternalRange =
  | {
      readonly kind: 'range';
      readonly source: number;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly kind: 'absent'; readonly why: string };

interface DataFile {
  readonly source: number;
  /** null when the file cannot be opened; `why` then says the reason. */
  readonly bytes: ByteSource | null;
  readonly why: string;
}

/** Opens the files of external data, each once, and finds tensors in them. */
export class DataFiles {
  /** Number 0 is the model itself. */
  readonly sources: ByteSource[];
  readonly problems: Problem[] = [];
  private readonly files = new Map<string, DataFile>();

  constructor(
    model: ByteSource,
    private readonly siblings: SiblingFiles,
  ) {
    this.sources = [model];
  }

  /**
   * Where a tensor's values lie, by its `external_data` entries. `wantedBytes` is what its shape and type need,
   * null when the type's size is not known here.
   * @throws ModelFormatError when the location points out of the model's folder.
   */
  locate(
    tensorName: string,
    entries: readonly { readonly key?: string; readonly value?: string }[],
    wantedBytes: number | null,
    at: number,
  ): ExternalRange {
    const byKey = new Map(entries.map(({ key, value }) => [key ?? '', value ?? '']));
    const location = byKey.get('location') ?? '';
    if (location === '') {
      throw new ModelFormatError(`the external data of ${tensorName} names no file`, at);
    }
    const file = this.open(location, at);
    if (file.bytes === null) return { kind: 'absent', why: file.why };
    const size = file.bytes.sizeBytes;
    const offset = parseCount(byKey.get('offset'), 0);
    const length = parseCount(
      byKey.get('length'),
      wantedBytes ?? Math.max(0, size - (offset ?? 0)),
    );
    if (offset === null || length === null) {
      return this.refuse(tensorName, `the place given in ${location} is no number`);
    }
    if (wantedBytes !== null && length !== wantedBytes) {
      return this.refuse(
        tensorName,
        `${length} bytes are given for it in ${location}, but its shape needs ${wantedBytes}`,
      );
    }
    if (offset + length > size) {
      return this.refuse(
        tensorName,
        `${location} has ${size} bytes, but ${length} bytes from byte ${offset} are wanted`,
      );
    }
    return { kind: 'range', source: file.source, offset, length };
  }

  /** Number of the source a location stands for, or null when it could not be opened. */
  numberOf(location: string): number | null {
    const file = this.files.get(normalPath(location));
    return file === undefined || file.bytes === null ? null : file.source;
  }

  private open(location: string, at: number): DataFile {
    if (leavesFolder(location)) {
      throw new OutsideFolderError(
        `external data must lie in the model's own folder, but the file points at ${JSON.stringify(location)}`,
        at,
      );
    }
    const path = normalPath(location);
    const known = this.files.get(path);
    if (known !== undefined) return known;
    if (this.files.size >= MAX_FILES) {
      throw new ModelFormatError(`the ONNX file names more than ${MAX_FILES} data files`, at);
    }
    let file: DataFile;
    try {
      const bytes = this.siblings.open(path);
      file = { source: this.sources.length, bytes, why: '' };
      this.sources.push(bytes);
    } catch (error) {
      if (!(error instanceof ModelFormatError) || error instanceof OutsideFolderError) throw error;
      file = { source: -1, bytes: null, why: error.message };
      this.report(error.message);
    }
    this.files.set(path, file);
    return file;
  }

  private refuse(tensorName: string, why: string): ExternalRange {
    this.report(`${tensorName} cannot be read: ${why}`);
    return { kind: 'absent', why };
  }

  private report(message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ severity: 'error', message });
  }
}

/** A count as ONNX writes it, in decimal digits; `missing` when there is none, null when it is none. */
function parseCount(text: string | undefined, missing: number): number | null {
  if (text === undefined || text === '') return missing;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : null;
}

/** Windows separators count too: a file made to leave the folder there must be refused everywhere. */
function segments(location: string): string[] {
  return location.split(/[/\\]/);
}

function leavesFolder(location: string): boolean {
  return (
    /^(?:[/\\]|[A-Za-z]:)/.test(location) ||
    location.includes('\0') ||
    segments(location).includes('..')
  );
}

/** One spelling for `data.bin`, `./data.bin` and `sub//data.bin`. */
function normalPath(location: string): string {
  return location
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}
