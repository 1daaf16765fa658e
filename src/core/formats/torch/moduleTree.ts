import { ModelFormatError } from '../../errors';
import type { ModuleAttribute } from '../../model/network';
import {
  asNode,
  entriesOf,
  entryOf,
  isGlobal,
  itemsOf,
  type PickleCall,
  type PickleEntry,
  type PickleGlobal,
  type PickleValue,
} from '../pickle/pickleValue';
import { isModuleObject, type FoundModule } from './findStates';
import { attributesOf, isGraphModule } from './objectAttributes';

/** One place of a module object in the tree; an object that is registered twice has two. */
export interface ModuleObject {
  readonly path: string;
  readonly object: PickleCall;
  readonly parent: ModuleObject | null;
  readonly className: string | null;
  readonly classModule: string | null;
  /** Entries of `_parameters` and `_buffers`. */
  readonly tensors: readonly PickleEntry[];
  readonly attributes: ReadonlyMap<string, ModuleAttribute>;
}

/** Real networks nest about ten deep and have some thousand modules. */
const MAX_DEPTH = 256;
const MAX_MODULES = 50_000;
/** Attributes of a module object that are looked at, and items of a list among them. */
const MAX_ATTRIBUTES = 256;
const MAX_LIST = 64;

/**
 * The modules of a pickled network, parents before children, in order of registration.
 * @throws ModelFormatError when the tree is deeper or larger than a network can be, as one that holds itself.
 */
export function moduleTree(state: FoundModule): readonly ModuleObject[] {
  const objects: ModuleObject[] = [];
  const facts = new Map<PickleCall, ObjectFacts>();
  const waiting: { node: PickleCall; path: string; parent: ModuleObject | null; depth: number }[] =
    [{ node: state.object, path: state.dict, parent: null, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, path, parent, depth } = next;
    if (depth > MAX_DEPTH || objects.length >= MAX_MODULES) {
      throw new ModelFormatError(
        `the module tree has more than ${MAX_DEPTH} levels or ${MAX_MODULES} modules`,
      );
    }
    const known = facts.get(node) ?? factsOf(node);
    facts.set(node, known);
    const module = { path, object: node, parent, ...known };
    objects.push(module);
    const children = entriesOf(entryOf(attributesOf(node), '_modules')?.value) ?? [];
    for (let idx = children.length - 1; idx >= 0; idx--) {
      const child = children[idx];
      const childNode = asNode(child?.value);
      if (!isModuleObject(childNode) || typeof child?.key !== 'string') continue;
      const childPath = path === '' ? child.key : `${path}.${child.key}`;
      waiting.push({ node: childNode, path: childPath, parent: module, depth: depth + 1 });
    }
  }
  return objects;
}

/** What does not depend on where the object hangs. */
type ObjectFacts = Omit<ModuleObject, 'path' | 'object' | 'parent'>;

function factsOf(node: PickleCall): ObjectFacts {
  const state = attributesOf(node) ?? [];
  const cls = classOf(node);
  return {
    className: cls?.name.split('.').at(-1) ?? null,
    classModule: cls?.module ?? null,
    tensors: ['_parameters', '_buffers'].flatMap(
      (name) => entriesOf(entryOf(state, name)?.value) ?? [],
    ),
    attributes: plainAttributes(state),
  };
}

const GRAPH_MODULE = {
  kind: 'global',
  module: 'torch.fx.graph_module',
  name: 'GraphModule',
} as const;

/** The class of an object, whichever way its pickle makes it. */
function classOf(object: PickleCall): PickleGlobal | null {
  const { callee, args } = object;
  if (isGraphModule(object)) return GRAPH_MODULE;
  const isReconstructed =
    isGlobal(callee, 'copy_reg', '_reconstructor') || isGlobal(callee, 'copyreg', '_reconstructor');
  let node = asNode(isReconstructed ? (args[0] ?? null) : callee);
  // Files from before torch 1.6 keep a class and its source text as ('module', class, file, source).
  if (node?.kind === 'persistent') {
    const [kind, cls] = itemsOf(node.id) ?? [];
    node = kind === 'module' ? asNode(cls) : null;
  }
  return node?.kind === 'global' ? node : null;
}

/** Functions that run before and behind a module; what is of interest is how many there are. */
const hookKeys: ReadonlySet<string> = new Set(['_forward_hooks', '_forward_pre_hooks']);

/** Numbers, texts, truth values and short lists of them; what PyTorch itself keeps for every module is left out. */
function plainAttributes(state: readonly PickleEntry[]): Map<string, ModuleAttribute> {
  const attributes = new Map<string, ModuleAttribute>();
  for (const { key, value } of state.slice(0, MAX_ATTRIBUTES)) {
    if (typeof key !== 'string' || key === '_is_full_backward_hook') continue;
    const attribute = hookKeys.has(key) ? hookCount(value) : asAttribute(value);
    if (attribute !== undefined) attributes.set(key, attribute);
  }
  return attributes;
}

function hookCount(value: PickleValue): number | undefined {
  const count = entriesOf(value)?.length ?? 0;
  return count > 0 ? count : undefined;
}

function asAttribute(value: PickleValue): ModuleAttribute | undefined {
  if (isPlain(value)) return value;
  const items = asNode(value)?.kind === 'set' ? null : itemsOf(value);
  if (items === null || items.length > MAX_LIST) return undefined;
  const plain = items.filter((item) => typeof item === 'number' || typeof item === 'string');
  return plain.length === items.length ? plain : undefined;
}

function isPlain(value: PickleValue): value is null | boolean | number | string {
  return value === null || (typeof value !== 'object' && typeof value !== 'bigint');
}
