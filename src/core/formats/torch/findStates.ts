import {
  asNode,
  entriesOf,
  entryOf,
  itemsOf,
  type PickleCall,
  type PickleEntry,
  type PickleNode,
  type PickleValue,
} from '../pickle/pickleValue';
import { attributesOf } from './objectAttributes';
import { tensorOf } from './torchTensor';

/** A network inside a pickle: a dict of tensors by key, or a module object. */
export type FoundState = FoundDict | FoundModule;

export interface FoundDict {
  readonly kind: 'dict';
  /** `''` for the main network; then a name that the others' paths start with. */
  readonly dict: string;
  readonly entries: readonly PickleEntry[];
  /** State of the dict object, which holds `_metadata`; null for a plain dict. */
  readonly state: PickleValue;
}

export interface FoundModule {
  readonly kind: 'module';
  readonly dict: string;
  readonly object: PickleCall;
}

interface Place {
  readonly value: PickleValue;
  /** Keys that lead there. */
  readonly path: readonly string[];
}

type Candidate = {
  readonly path: readonly string[];
  /** Holds tensors, but none by a name that layers use. */
  readonly isDoubtful: boolean;
} & (Omit<FoundDict, 'dict'> | Omit<FoundModule, 'dict'>);

/** Names under which training scripts keep the network itself, the best sign first. */
const mainNames = [
  'state_dict',
  'model_state',
  'model_state_dict',
  'model',
  'net',
  'net_state_dict',
  'network',
  'module',
  'params',
  'weights',
];

/** Copies of a network that training keeps beside it. */
const averages = /ema|average|teacher|swa/i;

/** What stands beside the network in a checkpoint and has tensors that are no layers. */
const besides =
  /^_*(optim|opt_state|lr_?sched|sched|scaler|grad_scaler|amp|callbacks|loops|rng|random|hyper_parameters|hparams|loss|meta|message_hub)/i;

/** A tensor by one of these names belongs to a layer. */
const layerLeaf = /(^|\.)(weight|bias|running_mean|running_var|weight_\w+|\w+_weight|\w+_bias)$/;

/** Wrappers lie two or three deep, and hold a handful of things each. */
const MAX_DEPTH = 6;
const MAX_VISITED = 200_000;

/**
 * Finds the networks of a checkpoint: bare, in wrappers, several in one file. Optimizers and what else a training
 * script saves are left aside. The main one comes first.
 */
export function findStates(root: PickleValue): readonly FoundState[] {
  const candidates = collect(root);
  const sound = candidates.filter(({ isDoubtful }) => !isDoubtful);
  const chosen = sound.length > 0 ? sound : candidates;
  const main = mainOf(chosen);
  const ordered = main === null ? [] : [main, ...chosen.filter((other) => other !== main)];
  const names = new Set<string>();
  return ordered.map((candidate) => {
    const dict = candidate === main ? '' : uniqueName(candidate.path, names, main);
    return { ...candidate, dict };
  });
}

/** Whether an object is a module of PyTorch: it has the three dicts every `nn.Module` has. */
export function isModuleObject(node: PickleNode | null): node is PickleCall {
  if (node?.kind !== 'call') return false;
  const state = attributesOf(node);
  return (
    entryOf(state, '_modules') !== undefined &&
    entryOf(state, '_parameters') !== undefined &&
    entryOf(state, '_buffers') !== undefined
  );
}

function collect(root: PickleValue): Candidate[] {
  const candidates: Candidate[] = [];
  const seen = new Set<PickleNode>();
  const waiting: Place[] = [{ value: root, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    const node = asNode(value);
    if (node === null || seen.has(node) || seen.size > MAX_VISITED) continue;
    seen.add(node);
    if (isModuleObject(node)) {
      candidates.push({ kind: 'module', object: node, path, isDoubtful: false });
      continue;
    }
    if (isOptimizer(node)) continue;
    const entries = entriesOf(node);
    if (entries !== null) {
      const found = asDict(node, entries, path);
      if (found !== null) candidates.push(found);
      if (found !== null && !found.isDoubtful) continue;
    }
    if (path.length < MAX_DEPTH) visitChildren(node, path, waiting);
  }
  return candidates;
}

/** Adds what an object holds to the places to visit, the first one on top: items, or attributes and arguments. */
function visitChildren(node: PickleNode, path: readonly string[], waiting: Place[]): void {
  const held =
    entriesOf(node) ??
    (node.kind === 'call'
      ? [...(attributesOf(node) ?? []), ...numbered(node.args)]
      : numbered(itemsOf(node) ?? []));
  for (let idx = held.length - 1; idx >= 0; idx--) {
    const { key, value } = held[idx] ?? { key: null, value: null };
    if (typeof key !== 'string' && typeof key !== 'number') continue;
    const name = String(key);
    const child = asNode(value);
    const isOfInterest = child !== null && !isRebuilt(child) && !besides.test(name);
    if (isOfInterest) waiting.push({ value, path: [...path, name] });
  }
}

/** Tensors and their storages hold nothing further. */
function isRebuilt(node: PickleNode): boolean {
  const callee = node.kind === 'call' ? asNode(node.callee) : null;
  return callee?.kind === 'global' && callee.module.startsWith('torch._');
}

function numbered(
  values: readonly PickleValue[],
): readonly { readonly key: number; readonly value: PickleValue }[] {
  return values.map((value, key) => ({ key, value }));
}

function asDict(
  node: PickleNode,
  entries: readonly PickleEntry[],
  path: readonly string[],
): Candidate | null {
  let hasTensor = false;
  for (const { key, value } of entries) {
    if (typeof key !== 'string' || tensorOf(value) === null) continue;
    hasTensor = true;
    if (!layerLeaf.test(key)) continue;
    const state = node.kind === 'call' ? node.state : null;
    return { kind: 'dict', entries, state, path, isDoubtful: false };
  }
  return hasTensor ? { kind: 'dict', entries, state: null, path, isDoubtful: true } : null;
}

/** An optimizer's state, or the optimizer itself. */
function isOptimizer(node: PickleNode): boolean {
  const entries = entriesOf(node) ?? (node.kind === 'call' ? attributesOf(node) : null);
  return entryOf(entries, 'param_groups') !== undefined && entryOf(entries, 'state') !== undefined;
}

/** The network itself: by the name it is kept under, not an average of it, as high up as can be. */
function mainOf(candidates: readonly Candidate[]): Candidate | null {
  const rank = ({ path }: Candidate): number => {
    const best = mainNames.indexOf(path.at(-1) ?? '');
    const place = path.length === 0 ? -1 : best < 0 ? mainNames.length : best;
    return place + (path.some((name) => averages.test(name)) ? 2 * mainNames.length : 0);
  };
  const sorted = candidates.toSorted((a, b) => rank(a) - rank(b) || a.path.length - b.path.length);
  return sorted[0] ?? null;
}

/** A name that no other dict has, and that no path of the main network starts with. */
function uniqueName(path: readonly string[], taken: Set<string>, main: Candidate | null): string {
  const base = path.join('.');
  let name = base;
  for (let count = 2; taken.has(name) || (main && hasPath(main, name)); count++) {
    name = `${base}#${count}`;
  }
  taken.add(name);
  return name;
}

function hasPath(main: Candidate, name: string): boolean {
  if (main.kind === 'dict') {
    return main.entries.some(({ key }) => typeof key === 'string' && key.startsWith(`${name}.`));
  }
  const children = entriesOf(entryOf(attributesOf(main.object), '_modules')?.value);
  return entryOf(children, name.split('.')[0] ?? '') !== undefined;
}
