/** A value of a program that is followed without running it: known, or known to be a tensor on some edge. */
export type ProgramValue =
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  | TensorValue
  | { readonly kind: 'list'; readonly items: ProgramValue[] }
  | { readonly kind: 'dict'; readonly entries: Map<string | number | boolean | null, ProgramValue> }
  /** Computed when the program runs, from these tensors. */
  | { readonly kind: 'unknown'; readonly from: readonly TensorValue[] };

/** A tensor variable. An operator that works in place gives the variable a new edge. */
export interface TensorValue {
  readonly kind: 'tensor';
  /** Name of the graph's edge that the variable stands for now. */
  edge: string;
  /** null while it is not known. */
  rank: number | null;
  /** The tensor of whose memory this one is a view. */
  readonly base: TensorValue | null;
}

export const none: ProgramValue = { kind: 'constant', value: null };

/** Containers in containers; a program that nests deeper is not followed. */
const MAX_DEPTH = 16;

/** The tensors that a value holds, in order. */
export function tensorsIn(value: ProgramValue, depth = 0): readonly TensorValue[] {
  if (depth > MAX_DEPTH) return [];
  switch (value.kind) {
    case 'tensor':
      return [value];
    case 'list':
      return value.items.flatMap((item) => tensorsIn(item, depth + 1));
    case 'dict':
      return [...value.entries.values()].flatMap((item) => tensorsIn(item, depth + 1));
    case 'unknown':
      return value.from;
    case 'constant':
      return [];
  }
}

/** The constant behind a value; undefined when it is none. */
export function constantOf(
  value: ProgramValue | undefined,
): string | number | boolean | null | undefined {
  return value?.kind === 'constant' ? value.value : undefined;
}

/** The whole numbers in a list, or a single one; null when any is unknown. */
export function intsOf(value: ProgramValue | undefined): readonly number[] | null {
  const single = constantOf(value);
  if (typeof single === 'number') return [single];
  if (value?.kind !== 'list') return null;
  const numbers = value.items.map(constantOf);
  return numbers.every((item) => typeof item === 'number') ? numbers : null;
}
