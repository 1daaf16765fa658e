import type { Module } from '../../model/network';
import type { Tensor } from '../../model/tensor';
import { moduleKind } from './moduleKind';
import { ModuleNode } from './moduleNode';

/** The modules of one state_dict. */
export interface ModuleTree {
  /** Every layer in the file's order, but those that serve a convolution (quantizers, offsets, parametrizations). */
  readonly layers: readonly ModuleNode[];
  /** Whether that order is the order of registration. */
  readonly isOrdered: boolean;
  readonly nodeByPath: ReadonlyMap<string, ModuleNode>;
}

/** Deeper and longer paths than any network's belong to a hostile file; their modules take no part. */
const MAX_DEPTH = 100;
const MAX_PATH = 1000;

/** Builds the tree of one state_dict's modules. */
export function moduleTree(modules: readonly Module[], isOrdered: boolean): ModuleTree {
  const root = new ModuleNode('', '', null);
  const nodeByPath = new Map<string, ModuleNode>([['', root]]);
  for (const module of modules) {
    const node = nodeAt(module.path, root, nodeByPath);
    if (node === null) continue;
    node.module = module;
    node.kind = moduleKind(module);
  }
  for (const node of nodeByPath.values()) {
    if (parametrizedWeight(node) !== null) node.kind = 'conv';
  }
  const layers: ModuleNode[] = [];
  for (const { path } of modules) {
    const node = layerAt(nodeByPath.get(path) ?? root);
    if (node.kind === 'container' || node.order >= 0 || servesConvolution(node)) continue;
    node.order = layers.length;
    layers.push(node);
  }
  return { layers, isOrdered: isOrdered && !isSorted(modules), nodeByPath };
}

/** The tensor from which a parametrization computes a convolution's weight; null where there is none. */
export function parametrizedWeight(node: ModuleNode): Tensor | null {
  const weight = node.childNamed('parametrizations')?.childNamed('weight');
  const tensors = weight?.module?.tensors;
  // Weight norm keeps magnitude and direction as original0 and original1; the direction has the weight's shape.
  const original =
    tensors?.get('original1') ?? tensors?.get('original0') ?? tensors?.get('original');
  if (original === undefined) return null;
  const rank = original.shape.length;
  const isConv = node.className === null ? rank >= 3 : node.className.includes('Conv');
  return isConv ? original : null;
}

/** A convolution without bias whose weight is parametrized holds no tensor itself: it stands where its weight does. */
function layerAt(node: ModuleNode): ModuleNode {
  const owner = node.parent?.name === 'parametrizations' ? node.parent.parent : null;
  return owner?.kind === 'conv' ? owner : node;
}

function nodeAt(
  path: string,
  root: ModuleNode,
  nodeByPath: Map<string, ModuleNode>,
): ModuleNode | null {
  const known = nodeByPath.get(path);
  if (known !== undefined) return known;
  const names = path.split('.');
  if (names.length > MAX_DEPTH || path.length > MAX_PATH) return null;
  let node = root;
  let at = '';
  for (const name of names) {
    at = at === '' ? name : `${at}.${name}`;
    let next = nodeByPath.get(at);
    if (next === undefined) {
      next = new ModuleNode(at, name, node);
      node.children.push(next);
      nodeByPath.set(at, next);
    }
    node = next;
  }
  return node;
}

/** Whether a module hangs under a convolution: its quantizers, its offsets' convolution; a norm there is its own. */
function servesConvolution(node: ModuleNode): boolean {
  if (node.kind === 'norm' && node.parent?.kind === 'conv') return false;
  for (let at = node.parent; at !== null; at = at.parent) {
    if (at.kind === 'conv' || at.name === 'parametrizations') return true;
  }
  return false;
}

/** Fewer modules may be sorted by chance. */
const MIN_SORTED = 12;

/**
 * A list that is sorted by name tells no order, wherever it stands: it went through a sorted container.
 * Keys are sorted, not paths, so a module may stand behind those below it.
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
