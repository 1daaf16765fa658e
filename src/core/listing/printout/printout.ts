/** Half-open range of character offsets. */
export interface TextRange {
  readonly from: number;
  readonly to: number;
}

/**
 * A text that holds what Python's `print(model)` wrote, with the place of every module in it. The text is never
 * rebuilt from the tree: edits are made in it, so that odd indents, line ends and log prefixes survive.
 */
export interface Printout {
  readonly text: string;
  /** One per printed network, in the order of the text. */
  readonly roots: readonly PrintedModule[];
  /** Path of each root: '' for the first, the name of its state_dict for a further one. */
  readonly rootPaths: readonly string[];
}

/** One `(key): Class(arguments …)`, on one line or over several. */
export interface PrintedModule {
  /** Name inside the parent (`0-3` for a repeat); null for a network printed on its own. */
  readonly key: string | null;
  /** Newer PyTorch prints equal neighbours of a ModuleList once: `(0-3): 4 x Block(`. null for all others. */
  readonly repeat: { readonly first: number; readonly count: number } | null;
  /** Class name without its package; '' for the unprinted parent of modules that were cut out of a printout. */
  readonly className: string;
  /** What `extra_repr` printed, line by line, without the brackets around and without log prefixes. */
  readonly extras: readonly TextRange[];
  readonly children: readonly PrintedModule[];
  /** Whole lines, the last line's end included. */
  readonly lines: TextRange;
  /** `(key): ` or `(0-3): 4 x `; empty for a network printed on its own. */
  readonly label: TextRange;
  /** From the class name to the bracket that closes it. */
  readonly call: TextRange;
}

/** The keys a printed module stands for: one, or as many as a repeat counts; null for a root without one. */
export function keysOf(module: PrintedModule): readonly (string | null)[] {
  const { repeat } = module;
  if (repeat === null) return [module.key];
  return Array.from({ length: repeat.count }, (_, idx) => String(repeat.first + idx));
}

/** Path of a child in the way of state_dicts; the root's own path is ''. */
export function childPath(parent: string, key: string | null): string {
  if (key === null) return parent;
  return parent === '' ? key : `${parent}.${key}`;
}
