/** Sets an object's place in the memo: the operations that make the object, and the one that names it. */
export interface PickleDefinition {
  readonly memo: number;
  /** First operation of the object's expression. */
  readonly first: number;
  /** Operation after the expression's last; known once the object has been used. */
  end: number;
  /** An earlier name of the same object on the stack. */
  readonly previous: PickleDefinition | null;
}

/** Stands for "no operation". */
export const NO_OPERATION = -1;

const INITIAL_CAPACITY = 1024;

/**
 * Every operation of a pickle: opcode, place in the file, and which PUT an operation reads. This is what an edit needs to cut a pickle at
 * the right places; 9 bytes an operation.
 */
export class PickleOps {
  count = 0;
  /** Definitions by the number of their PUT or MEMOIZE operation. */
  readonly definitions = new Map<number, PickleDefinition>();

  private codes = new Uint8Array(INITIAL_CAPACITY);
  private offsets = new Uint32Array(INITIAL_CAPACITY);
  private puts = new Int32Array(INITIAL_CAPACITY);

  /** `start` is where the pickle starts in its file. */
  constructor(readonly start: number) {}

  /** Appends an operation that starts `offset` bytes into the pickle. */
  push(code: number, offset: number): void {
    if (this.count === this.codes.length) this.grow();
    this.codes[this.count] = code;
    this.offsets[this.count] = offset;
    this.puts[this.count] = NO_OPERATION;
    this.count++;
  }

  /** Says that GET number `operation` reads what PUT or MEMOIZE number `put` has set. */
  setPut(operation: number, put: number): void {
    this.puts[operation] = put;
  }

  code(operation: number): number {
    return this.codes[operation] ?? 0;
  }

  /** Bytes from the pickle's start to the operation. */
  offset(operation: number): number {
    return this.offsets[operation] ?? 0;
  }

  /** The PUT or MEMOIZE whose object a GET reads, else `NO_OPERATION`. */
  put(operation: number): number {
    return this.puts[operation] ?? NO_OPERATION;
  }

  private grow(): void {
    const capacity = this.codes.length * 2;
    const codes = new Uint8Array(capacity);
    codes.set(this.codes);
    const offsets = new Uint32Array(capacity);
    offsets.set(this.offsets);
    const puts = new Int32Array(capacity);
    puts.set(this.puts);
    [this.codes, this.offsets, this.puts] = [codes, offsets, puts];
  }
}
