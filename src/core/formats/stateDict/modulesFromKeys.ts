import type { Module } from '../../model/network';
import type { Tensor } from '../../model/tensor';

/** Path of the module a tensor belongs to, and the tensor's name in it. */
export function splitKey(key: string): { readonly path: string; readonly leaf: string } {
  const dot = key.lastIndexOf('.');
  return { path: dot < 0 ? '' : key.slice(0, dot), leaf: key.slice(dot + 1) };
}

/**
 * Modules of a state_dict: whatever stands in front of a key's last dot, in the order of the keys. Classes are
 * unknown. `versionOf` tells a module's version by its path in `_metadata`.
 */
export function modulesFromKeys(
  dict: string,
  tensors: readonly Tensor[],
  versionOf: (path: string) => number | null,
): Module[] {
  const tensorsByPath = new Map<string, Map<string, Tensor>>();
  for (const tensor of tensors) {
    const { path, leaf } = splitKey(tensor.name);
    const own = tensorsByPath.get(path) ?? new Map<string, Tensor>();
    own.set(leaf, tensor);
    tensorsByPath.set(path, own);
  }
  return [...tensorsByPath].map(([path, own]) => ({
    dict,
    path,
    className: null,
    classModule: null,
    tensors: own,
    attributes: null,
    version: versionOf(path),
  }));
}
