import type { Module, ModuleNetwork } from '../../model/network';

/** Deeper paths are no real network's; their rest becomes one name, so that indents stay short. */
const MAX_DEPTH = 100;

/** A module in its place, also where only paths below it are known. */
export interface ModuleNode {
  readonly key: string;
  readonly path: string;
  readonly isRoot: boolean;
  readonly module: Module | null;
  readonly children: ModuleNode[];
}

/** The trees of a network's modules, one for each state_dict in the file. */
export function moduleTrees({ modules }: ModuleNetwork): ModuleNode[] {
  const byDict = new Map<string, Module[]>();
  for (const module of modules) {
    const known = byDict.get(module.dict);
    if (known === undefined) byDict.set(module.dict, [module]);
    else known.push(module);
  }
  return [...byDict].map(([dict, members]) => treeOf(dict, members));
}

interface Draft extends ModuleNode {
  module: Module | null;
  readonly children: Draft[];
  readonly byKey: Map<string, Draft>;
}

function treeOf(dict: string, modules: readonly Module[]): ModuleNode {
  const root = draft(dict, dict, true);
  for (const module of modules) {
    let node = root;
    for (const key of keysBelow(dict, module.path)) {
      let child = node.byKey.get(key);
      if (child === undefined) {
        child = draft(key, node.path === '' ? key : `${node.path}.${key}`, false);
        node.byKey.set(key, child);
        node.children.push(child);
      }
      node = child;
    }
    node.module ??= module;
  }
  return root;
}

function draft(key: string, path: string, isRoot: boolean): Draft {
  return { key, path, isRoot, module: null, children: [], byKey: new Map() };
}

function keysBelow(dict: string, path: string): string[] {
  const inner = dict === '' ? path : path.slice(dict.length + 1);
  if (inner === '') return [];
  const keys = inner.split('.');
  return keys.length <= MAX_DEPTH
    ? keys
    : [...keys.slice(0, MAX_DEPTH - 1), keys.slice(MAX_DEPTH - 1).join('.')];
}
