import type { Module } from '../../model/network';
import type { ModuleKind } from './moduleKind';
import { nameWords, type NameWords } from './nameWords';

/** How many layers of each kind a block holds, itself included, and where they begin and end in the file's order. */
export interface BlockContent {
  readonly convs: number;
  readonly linears: number;
  readonly norms: number;
  /** Layers with tensors of other kinds: a PReLU, an attention bias. */
  readonly others: number;
  readonly activations: number;
  readonly operators: number;
  readonly first: ModuleNode | null;
  readonly last: ModuleNode | null;
}

/** More siblings of one number are not told apart by their names any more; a hostile file stays cheap. */
const MAX_NAMESAKES = 256;

/**
 * A module with its place among the others. Paths that hold no tensor of their own are nodes too.
 * The tree is complete before anything is asked of it: the answers below are kept.
 */
export class ModuleNode {
  /** In the order in which the file first names them. */
  readonly children: ModuleNode[] = [];
  readonly words: NameWords;
  /** The name as a place in a Sequential or list; null for a word. */
  readonly number: number | null;
  module: Module | null = null;
  kind: ModuleKind = 'container';
  /** Position in `ModuleTree.layers`; -1 for containers and for what serves a convolution. */
  order = -1;

  private knownContent: BlockContent | null = null;
  private childByName: ReadonlyMap<string, ModuleNode> | null = null;
  private childByNumber: ReadonlyMap<number, ModuleNode> | null = null;
  private childrenByNumbers: ReadonlyMap<string, readonly ModuleNode[]> | null = null;

  /** `name` is the last segment of `path`. */
  constructor(
    readonly path: string,
    readonly name: string,
    readonly parent: ModuleNode | null,
  ) {
    this.words = nameWords(name);
    this.number = /^\d{1,6}$/.test(name) ? Number(name) : null;
  }

  /** Class of the module, where the file or a listing says it. */
  get className(): string | null {
    return this.module?.className ?? null;
  }

  /** What the block holds. */
  get content(): BlockContent {
    this.knownContent ??= contentOf(this);
    return this.knownContent;
  }

  childNamed(name: string): ModuleNode | null {
    this.childByName ??= new Map(this.children.map((child) => [child.name, child]));
    return this.childByName.get(name) ?? null;
  }

  /** The child whose name is this number. */
  childAt(place: number): ModuleNode | null {
    this.childByNumber ??= new Map(
      this.children.flatMap((child) => (child.number === null ? [] : [[child.number, child]])),
    );
    return this.childByNumber.get(place) ?? null;
  }

  /** The children whose names hold just these numbers, whatever else they say. */
  childrenNumbered(numbers: readonly number[]): readonly ModuleNode[] {
    if (this.childrenByNumbers === null) {
      const groups = new Map<string, ModuleNode[]>();
      for (const child of this.children) {
        const key = child.words.numbers.join();
        const group = groups.get(key) ?? [];
        if (group.length < MAX_NAMESAKES) group.push(child);
        groups.set(key, group);
      }
      this.childrenByNumbers = groups;
    }
    return this.childrenByNumbers.get(numbers.join()) ?? [];
  }

  /** The child that `node` is, or lies in; null when it lies elsewhere. */
  childToward(node: ModuleNode): ModuleNode | null {
    let at: ModuleNode | null = node;
    while (at !== null && at.parent !== this) at = at.parent;
    return at;
  }
}

/** The convolution at the end of a unit: the unit itself, or the last of a block that holds convolutions only. */
export function tailConv(unit: ModuleNode): ModuleNode | null {
  if (unit.kind === 'conv') return unit;
  const { convs, linears, norms, others, activations, operators, last } = unit.content;
  return convs > 0 && linears + norms + others + activations + operators === 0 ? last : null;
}

/** Whether a block holds one convolution and one norm and no other layer with tensors. */
export function isConvNormUnit(block: ModuleNode): boolean {
  const { convs, linears, norms, others } = block.content;
  return convs + linears === 1 && norms === 1 && others === 0;
}

function contentOf(node: ModuleNode): BlockContent {
  const counts = { convs: 0, linears: 0, norms: 0, others: 0, activations: 0, operators: 0 };
  let first: ModuleNode | null = null;
  let last: ModuleNode | null = null;
  if (node.order >= 0) {
    const key = countByKind[node.kind];
    if (key !== null) counts[key]++;
    first = node;
    // What changes nothing is not an end either.
    if (node.kind !== 'passive') last = node;
  }
  for (const child of node.children) {
    const inner = child.content;
    for (const key of countKeys) counts[key] += inner[key];
    if (inner.first !== null && (first === null || inner.first.order < first.order)) {
      first = inner.first;
    }
    if (inner.last !== null && (last === null || inner.last.order > last.order)) last = inner.last;
  }
  return { ...counts, first, last };
}

const countKeys = ['convs', 'linears', 'norms', 'others', 'activations', 'operators'] as const;

const countByKind: Readonly<Record<ModuleKind, (typeof countKeys)[number] | null>> = {
  conv: 'convs',
  linear: 'linears',
  norm: 'norms',
  parameters: 'others',
  activation: 'activations',
  operator: 'operators',
  passive: null,
  container: null,
};
