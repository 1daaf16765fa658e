import { ModelFormatError } from '../../../errors';
import type { Module, ModuleAttribute, ModuleNetwork } from '../../../model/network';
import type { Tensor } from '../../../model/tensor';
import { joinPath } from '../../stateDict/joinPath';
import type { ScriptLibrary } from './scriptLibrary';
import { scriptAttribute, type ScriptModule } from './scriptModules';
import type { Expression } from './syntax';

/** The module tree of an archive whose code cannot be followed: classes, attributes and `Final` constants. */
export function moduleNetwork(
  modules: readonly ScriptModule[],
  library: ScriptLibrary,
  tensors: ReadonlyMap<string, Tensor>,
): ModuleNetwork {
  return {
    kind: 'modules',
    evidence: 'modules',
    modules: modules.map((module) => moduleOf(module, library, tensors)),
    isOrdered: true,
    config: null,
  };
}

function moduleOf(
  module: ScriptModule,
  library: ScriptLibrary,
  tensors: ReadonlyMap<string, Tensor>,
): Module {
  const own = new Map<string, Tensor>();
  const attributes = new Map<string, ModuleAttribute>(constantsOf(module, library));
  for (const { key, value } of module.entries) {
    if (typeof key !== 'string') continue;
    const tensor = tensors.get(joinPath(module.path, key));
    if (tensor !== undefined) own.set(key, tensor);
    const attribute = scriptAttribute(value);
    if (attribute !== undefined) attributes.set(key, attribute);
  }
  const { path, className, classModule } = module;
  return { dict: '', path, className, classModule, tensors: own, attributes, version: null };
}

/** What the class itself gives a value: `eps : Final[float] = 1e-05`. */
function constantsOf(module: ScriptModule, library: ScriptLibrary): [string, ModuleAttribute][] {
  return [...classConstants(module, library)].flatMap(
    ([name, value]): [string, ModuleAttribute][] => {
      const attribute = literalOf(value);
      return attribute === undefined ? [] : [[name, attribute]];
    },
  );
}

function classConstants(
  { qualifiedName }: ScriptModule,
  library: ScriptLibrary,
): ReadonlyMap<string, Expression> {
  try {
    return library.classOf(qualifiedName)?.constants ?? new Map<string, Expression>();
  } catch (cause) {
    // Damaged code tells nothing; the weights beside it are sound all the same.
    if (cause instanceof ModelFormatError) return new Map();
    throw cause;
  }
}

function literalOf(value: Expression): ModuleAttribute | undefined {
  if (value.kind === 'literal') return value.value;
  if (value.kind !== 'list' && value.kind !== 'tuple') return undefined;
  const items = value.items.map((item) => (item.kind === 'literal' ? item.value : null));
  const plain = items.filter((item) => typeof item === 'number' || typeof item === 'string');
  return plain.length === items.length ? plain : undefined;
}
