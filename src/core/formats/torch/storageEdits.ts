import type { Piece } from '../../bytes/outputPlan';

/** A storage that the new file has and the old one has not. */
export interface NewStorage {
  readonly key: string;
  readonly pieces: readonly Piece[];
  /** Elements, which old files write in front of the bytes. */
  readonly count: number;
  /** The storage it is written behind. */
  readonly after: string;
}

/** Bytes [at, at + length) of a storage become a piece of the same length. */
interface StoragePatch {
  readonly at: number;
  readonly length: number;
  readonly piece: Piece;
}

/** What happens to the storages of a container, apart from those that go. */
export class StorageEdits {
  private readonly addedByPlace = new Map<string, NewStorage[]>();
  private readonly patchesByKey = new Map<string, StoragePatch[]>();
  private readonly takenKeys: Set<string>;
  private lastKey: number;

  constructor(oldKeys: Iterable<string>) {
    this.takenKeys = new Set(oldKeys);
    const numbers = [...this.takenKeys].map(Number).filter(Number.isSafeInteger);
    this.lastKey = numbers.reduce((largest, key) => Math.max(largest, key), -1);
  }

  isPatched(key: string): boolean {
    return this.patchesByKey.has(key);
  }

  /** Puts a piece over part of a storage. The same range is patched once; the caller sees to equal content. */
  patch(key: string, at: number, length: number, piece: Piece): void {
    const patches = this.patchesByKey.get(key) ?? [];
    this.patchesByKey.set(key, patches);
    const isDone = patches.some((other) => other.at === at);
    if (length > 0 && !isDone) patches.push({ at, length, piece });
  }

  /** Adds a storage and returns its key: a number, as PyTorch's own keys are. */
  add(storage: Omit<NewStorage, 'key'>): string {
    const wanted = Number.isSafeInteger(this.lastKey + 1) ? String(++this.lastKey) : '';
    let key = wanted;
    for (let count = 0; key === '' || this.takenKeys.has(key); count++) key = `folded${count}`;
    this.takenKeys.add(key);
    const neighbours = this.addedByPlace.get(storage.after) ?? [];
    this.addedByPlace.set(storage.after, [...neighbours, { ...storage, key }]);
    return key;
  }

  /** New storages to be written behind the one with this key. */
  addedAfter(key: string): readonly NewStorage[] {
    return this.addedByPlace.get(key) ?? [];
  }

  /** The new content of a patched storage that lies at [offset, offset + length) of the source. */
  content(key: string, offset: number, length: number): Piece[] {
    const patches = (this.patchesByKey.get(key) ?? []).toSorted((a, b) => a.at - b.at);
    const pieces: Piece[] = [];
    let at = 0;
    const copyTo = (end: number): void => {
      if (end > at) pieces.push({ kind: 'copy', source: 0, offset: offset + at, length: end - at });
    };
    for (const patch of patches) {
      copyTo(patch.at);
      pieces.push(patch.piece);
      at = patch.at + patch.length;
    }
    copyTo(length);
    return pieces;
  }
}
