import type { Module } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import { moduleKind, type ModuleKind } from './moduleKind';
import { nameWords, type NameWords } from './nameWords';

/** A module with its place among the others. Paths that hold no tensor of their own are nodes too. */
export interface ModuleNode {
  readonly path: string;
  /** Last segment of the path. */
  readonly name: string;
  readonly words: NameWords;
  /** The name as a place in a Sequential or list; null for a word. */
  readonly number: number | null;
  readonly parent: ModuleNode | null;
  /** In the order in which the file first names them. */
  readonly children: ModuleNode[];
  module: Module | null;
  kind: ModuleKind;
  /** Position in `ModuleTree.layers`; -1 for containers. */
  order: number;
}

export interface ModuleTree {
  readonly root: ModuleNode;
  /** Every layer in the file's order, but those that serve a convolution (quantizers, offsets, parametrizations). */
  readonly layers: readonly ModuleNode[];
  /** Whether that order is the order of registration. */
  readonly isOrdered: boolean;
  readonly nodeByPath: ReadonlyMap<string, ModuleNode>;
}

/** Deeper paths than any network's belong to a hostile file; their modules take no part. */
const MAX_DEPTH = 100;

/** Builds the tree of one state_dict's modules. */
export function moduleTree(modules: readonly Module[], isOrdered: boolean): ModuleTree {
  const root = newNode('', '', null);
  const nodeByPath = new Map<string, ModuleNode>([['', root]]);
  for (const module of modules) {
    const node = nodeAt(module.path, nodeByPath);
    if (node === null) continue;
    node.module = module;
    node.kind = moduleKind(module);
  }
  for (const node of nodeByPath.values()) {
    if (isReparametrized(node)) node.kind = 'conv';
  }
  const layers: ModuleNode[] = [];
  for (const { path } of modules) {
    const node = layerOf(nodeByPath.get(path) ?? root);
    if (node.kind === 'container' || node.order >= 0) continue;
    if (servesConvolution(node)) continue;
    node.order = layers.length;
    layers.push(node);
  }
  return { root, layers, isOrdered: isOrdered && !isSorted(modules), nodeByPath };
}

/** The convolution at the end of a unit: the unit itself, or the last of a block that holds convolutions only. */
export function tailConv(unit: ModuleNode): ModuleNode | null {
  if (unit.kind === 'conv') return unit;
  const layers = layersUnder(unit);
  return layers.length > 0 && layers.every((layer) => layer.kind === 'conv')
    ? (layers.at(-1) ?? null)
    : null;
}

/** The layers of a block in the file's order, itself included. */
export function layersUnder(block: ModuleNode): ModuleNode[] {
  const found: ModuleNode[] = [];
  const pending = [block];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.order >= 0) found.push(node);
    pending.push(...node.children);
  }
  return found.sort((a, b) => a.order - b.order);
}

/** Class of a module, where the file or a listing says it. */
export function classOf(node: ModuleNode): string | null {
  return node.module?.className ?? null;
}

export function childNamed(scope: ModuleNode, name: string): ModuleNode | null {
  return scope.children.find((child) => child.name === name) ?? null;
}

/** The child of `scope` that `node` is, or lies in; null when it lies elsewhere. */
export function childToward(scope: ModuleNode, node: ModuleNode): ModuleNode | null {
  let at: ModuleNode | null = node;
  while (at !== null && at.parent !== scope) at = at.parent;
  return at;
}

/** A convolution without bias whose weight is parametrized holds no tensor itself: it stands where its weight does. */
function layerOf(node: ModuleNode): ModuleNode {
  const owner = node.parent?.name === 'parametrizations' ? node.parent.parent : null;
  return owner !== null && isReparametrized(owner) ? owner : node;
}

function isReparametrized(node: ModuleNode): boolean {
  return parametrizedWeight(node) !== null;
}

/** The tensor from which a parametrization computes a convolution's weight; null where there is none. */
export function parametrizedWeight(node: ModuleNode): Tensor | null {
  const under = childNamed(node, 'parametrizations');
  const tensors = under === null ? undefined : childNamed(under, 'weight')?.module?.tensors;
  // Weight norm keeps magnitude and direction as original0 and original1; the direction has the weight's shape.
  const weight = tensors?.get('original1') ?? tensors?.get('original0') ?? tensors?.get('original');
  const rank = weight?.shape.length ?? -1;
  return weight !== undefined && (rank === 0 || rank >= 3) ? weight : null;
}

function nodeAt(path: string, nodeByPath: Map<string, ModuleNode>): ModuleNode | null {
  const known = nodeByPath.get(path);
  if (known !== undefined) return known;
  const names = path.split('.');
  if (names.length > MAX_DEPTH) return null;
  let node = nodeByPath.get('') ?? null;
  let at = '';
  for (const name of names) {
    at = at === '' ? name : `${at}.${name}`;
    let next: ModuleNode | null = nodeByPath.get(at) ?? null;
    if (next === null) {
      next = newNode(at, name, node);
      node?.children.push(next);
      nodeByPath.set(at, next);
    }
    node = next;
  }
  return node;
}

function newNode(path: string, name: string, parent: ModuleNode | null): ModuleNode {
  const number = /^\d{1,6}$/.test(name) ? Number(name) : null;
  const words = nameWords(name);
  return {
    path,
    name,
    words,
    number,
    parent,
    children: [],
    module: null,
    kind: 'container',
    order: -1,
  };
}

/** Whether a module hangs under a convolution: its quantizers, its offsets' convolution; a norm there is its own. */
function servesConvolution(node: ModuleNode): boolean {
  if (node.kind === 'norm' && node.parent?.kind === 'conv') return false;
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.kind === 'conv' || at.name === 'parametrizations') return true;
  }
  return false;
}

/**
 * A list that is sorted by name tells no order, wherever it stands: it went through a sorted container.
 * Keys are sorted, not paths, so a module may stand behind those below it. Few modules are sorted by chance.
 */
function isSorted(modules: readonly Module[]): boolean {
  return (
    modules.length >= MIN_SORTED &&
    modules.every((module, i) => {
      const before = modules[i - 1]?.path ?? '';
      return before <= module.path || before.startsWith(`${module.path}.`);
    })
  );
}

const MIN_SORTED = 12;
