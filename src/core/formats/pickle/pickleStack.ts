import { PickleFault } from './pickleFault';
import type { PickleDefinition } from './pickleOps';
import type { PickleEntry, PickleValue } from './pickleValue';

/** A value on the stack and the operations that made it, as far as they have been read. */
export interface Slot {
  value: PickleValue;
  first: number;
  /** Operation after the last one that worked on this slot. */
  end: number;
  definition: PickleDefinition | null;
}

interface Mark {
  readonly height: number;
  /** The MARK operation. */
  readonly operation: number;
}

/** Dicts are filled in batches of a thousand, so a stack is some thousands high. */
const MAX_HEIGHT = 200_000;

/** The unpickler's stack. Every slot knows its expression, every mark its operation. */
export class PickleStack {
  private readonly slots: Slot[] = [];
  private readonly marks: Mark[] = [];

  push(value: PickleValue, first: number, operation: number): void {
    if (this.slots.length >= MAX_HEIGHT) this.fail();
    this.slots.push({ value, first, end: operation + 1, definition: null });
  }

  mark(operation: number): void {
    if (this.marks.length >= MAX_HEIGHT) this.fail();
    this.marks.push({ height: this.slots.length, operation });
  }

  /** The top slot, which must lie above the last mark. */
  top(): Slot {
    const slot = this.slots.at(-1);
    if (slot === undefined || this.slots.length === this.marks.at(-1)?.height) {
      throw new PickleFault('the pickle takes a value from an empty stack');
    }
    return slot;
  }

  pop(): Slot {
    const slot = this.top();
    this.slots.pop();
    finish(slot);
    return slot;
  }

  /** Takes everything above the last mark, and the mark. */
  popToMark(): { readonly slots: readonly Slot[]; readonly operation: number } {
    const mark = this.marks.pop();
    if (mark === undefined) throw new PickleFault('the pickle lacks a MARK');
    const slots = this.slots.splice(mark.height);
    slots.forEach(finish);
    return { slots, operation: mark.operation };
  }

  /** Drops the top: a value, or a mark when that is on top. */
  drop(): void {
    if (this.slots.length > 0 && this.slots.length === this.marks.at(-1)?.height) {
      this.marks.pop();
    } else {
      this.pop();
    }
  }

  private fail(): never {
    throw new PickleFault(`the pickle stacks more than ${MAX_HEIGHT} objects`);
  }
}

/** The object's expression is complete: its definitions learn where it ends. */
function finish(slot: Slot): void {
  for (let definition = slot.definition; definition !== null; definition = definition.previous) {
    definition.end = slot.end;
  }
}

/** Pairs up keys and values; `end` is the operation that consumes them. */
export function entriesFrom(slots: readonly Slot[], end: number, isSingle: boolean): PickleEntry[] {
  if (slots.length % 2 !== 0) {
    throw new PickleFault('the pickle fills a dict with a key that has no value');
  }
  const entries: PickleEntry[] = [];
  for (let idx = 0; idx + 1 < slots.length; idx += 2) {
    const [key, value, next] = slots.slice(idx, idx + 3);
    if (key === undefined || value === undefined) break;
    entries.push({
      key: key.value,
      value: value.value,
      first: key.first,
      valueFirst: value.first,
      end: next?.first ?? end,
      isSingle,
      pair: null,
    });
  }
  return entries;
}
