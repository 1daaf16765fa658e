import { ModelFormatError } from '../../../errors';
import type { ModuleAttribute } from '../../../model/network';
import {
  asNode,
  entriesOf,
  itemsOf,
  type PickleCall,
  type PickleEntry,
  type PickleValue,
} from '../../pickle/pickleValue';
import { tensorOf } from '../torchTensor';

/** A module object of a TorchScript archive, at one of its places in the tree. */
export interface ScriptModule {
  readonly path: string;
  readonly object: PickleCall;
  /** Qualified name of its class: `__torch__.torch.nn.modules.conv.___torch_mangle_3.Conv2d`. */
  readonly qualifiedName: string;
  /** The class's own name and package, without `__torch__` and manglings. */
  readonly className: string;
  readonly classModule: string;
  readonly entries: readonly PickleEntry[];
}

const MAX_DEPTH = 256;
const MAX_MODULES = 50_000;

/** Whether a pickled value is an object of a class that the archive's code defines. */
export function asScriptObject(value: PickleValue | undefined): PickleCall | null {
  const node = asNode(value);
  if (node?.kind !== 'call') return null;
  const cls = asNode(node.callee);
  return cls?.kind === 'global' && cls.module.startsWith('__torch__') ? node : null;
}

/** A module object at a path. */
export function scriptModule(object: PickleCall, path: string): ScriptModule {
  const cls = asNode(object.callee);
  const module = cls?.kind === 'global' ? cls.module : '';
  const name = cls?.kind === 'global' ? cls.name : '';
  const classModule = module.replace(/^__torch__\.?/, '').replace(/\.?___torch_mangle_\d+/g, '');
  return {
    path,
    object,
    qualifiedName: `${module}.${name}`,
    className: name,
    classModule,
    entries: entriesOf(object.state) ?? [],
  };
}

/**
 * Every module object with its path, parents before children.
 * @throws ModelFormatError when the tree is deeper or larger than a network can be.
 */
export function scriptTree(root: PickleCall): readonly ScriptModule[] {
  const modules: ScriptModule[] = [];
  const waiting: { readonly object: PickleCall; readonly path: string; readonly depth: number }[] =
    [{ object: root, path: '', depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.depth > MAX_DEPTH || modules.length >= MAX_MODULES) {
      throw new ModelFormatError(
        `the module tree has more than ${MAX_DEPTH} levels or ${MAX_MODULES} modules`,
      );
    }
    const module = scriptModule(next.object, next.path);
    modules.push(module);
    for (const { key, value } of module.entries.toReversed()) {
      const object = asScriptObject(value);
      if (object === null || typeof key !== 'string') continue;
      const path = next.path === '' ? key : `${next.path}.${key}`;
      waiting.push({ object, path, depth: next.depth + 1 });
    }
  }
  return modules;
}

/** The numbers, texts and lists of an object; `undefined` for anything else. */
export function scriptAttribute(value: PickleValue): ModuleAttribute | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'bigint')) return value;
  const items = listItems(value);
  const plain = items?.filter((item) => typeof item === 'number' || typeof item === 'string');
  return plain !== undefined && plain.length === items?.length ? plain : undefined;
}

/** Items of a list; TorchScript pickles lists of one type as `build_intlist([…])` and the like. */
export function listItems(value: PickleValue): readonly PickleValue[] | null {
  const node = asNode(value);
  if (node?.kind === 'call' && tensorOf(node) === null) {
    const cls = asNode(node.callee);
    const isList = cls?.kind === 'global' && /^build_\w*list$/.test(cls.name);
    return isList ? itemsOf(node.args[0]) : null;
  }
  return itemsOf(value);
}
