import { ModelFormatError } from '../../errors';
import type { DType } from '../../model/tensor';
import {
  asNode,
  isGlobal,
  itemsOf,
  type PickleCall,
  type PickleValue,
} from '../pickle/pickleValue';
import { elementTypes, storageClasses, type ElementType } from './storageTypes';

/** A tensor as a pickle describes it: a view of a storage. */
export interface TorchTensor {
  readonly storage: TorchStorage;
  readonly dtype: DType;
  readonly itemBytes: number;
  /** First element, in bytes from the storage's start. */
  readonly byteOffset: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  /** Whether it is a Parameter object, and wants a gradient. */
  readonly isParameter: boolean;
  readonly requiresGrad: boolean;
}

/** The persistent id of a storage. */
export interface TorchStorage {
  readonly key: string;
  /** Where the storage lives when loaded: `cpu`, `cuda:0`. */
  readonly location: string;
  readonly sizeBytes: number;
  readonly type: ElementType;
}

/** PyTorch's own limit on dimensions. */
const MAX_RANK = 64;
/** Parameter in a subclass in a parameter: more layers than any file has. */
const MAX_WRAPPERS = 8;

/**
 * The tensor that an object describes, or null when it describes something else.
 * @throws ModelFormatError when it is a tensor, but of a shape that cannot be.
 */
export function tensorOf(value: PickleValue): TorchTensor | null {
  let node = asNode(value);
  let isParameter = false;
  let requiresGrad = false;
  for (let depth = 0; depth < MAX_WRAPPERS && node?.kind === 'call'; depth++) {
    const name = rebuilderOf(node);
    switch (name) {
      case '_rebuild_parameter':
      case '_rebuild_parameter_with_state':
        isParameter = true;
        requiresGrad = node.args[1] === true;
        node = asNode(node.args[0]);
        break;
      case '_rebuild_from_type':
      case '_rebuild_from_type_v2':
        node = unwrapType(node);
        break;
      case '_rebuild_tensor':
      case '_rebuild_tensor_v2':
      case '_rebuild_tensor_v3': {
        const tensor = rebuiltTensor(node, name);
        return (
          tensor && { ...tensor, isParameter, requiresGrad: requiresGrad || tensor.requiresGrad }
        );
      }
      default:
        return null;
    }
  }
  return null;
}

/** The storage a persistent id names, or null when it names something else. */
export function storageOf(id: PickleValue): TorchStorage | null {
  const items = itemsOf(id);
  if (items?.[0] !== 'storage') return null;
  const [, storageClass, key, location, count] = items;
  const cls = asNode(storageClass);
  const type = cls?.kind === 'global' ? storageClasses.get(cls.name) : undefined;
  if (type === undefined || !isCount(count)) return null;
  if (typeof key !== 'string' && typeof key !== 'number') return null;
  return {
    key: String(key),
    location: typeof location === 'string' ? location : 'cpu',
    sizeBytes: count * type.itemBytes,
    type,
  };
}

/** Name of the function of `torch._utils` or `torch._tensor` that rebuilds the object. */
function rebuilderOf({ callee }: PickleCall): string | null {
  const node = asNode(callee);
  const isTorch =
    node?.kind === 'global' && (node.module === 'torch._utils' || node.module === 'torch._tensor');
  return isTorch ? node.name : null;
}

/** `_rebuild_from_type_v2(function, class, arguments, state)` is `function(arguments)` made a subclass. */
function unwrapType(node: PickleCall): PickleCall | null {
  const [callee, , args] = node.args;
  const items = itemsOf(args);
  return callee === undefined || items === null ? null : { ...node, callee, args: items };
}

function rebuiltTensor(node: PickleCall, name: string): TorchTensor | null {
  const [storageNode, offset, size, stride, requiresGrad, , dtype] = node.args;
  const persistent = asNode(storageNode);
  if (persistent?.kind !== 'persistent') return null;
  const storage = storageOf(persistent.id);
  if (storage === null) return null;
  const type = name === '_rebuild_tensor_v3' ? namedType(dtype) : storage.type;
  const shape = counts(size, 'shape');
  const strides = counts(stride, 'strides');
  if (!isCount(offset) || shape.length !== strides.length) {
    throw new ModelFormatError(`a tensor of storage ${storage.key} has no place in it`);
  }
  return {
    storage,
    dtype: type.dtype,
    itemBytes: type.itemBytes,
    byteOffset: viewOffset(persistent.id, storage) + offset * type.itemBytes,
    shape,
    strides,
    isParameter: false,
    requiresGrad: requiresGrad === true,
  };
}

/** Old files let a storage be a view of another one: (key, offset, size) as the id's sixth item. */
function viewOffset(id: PickleValue, storage: TorchStorage): number {
  const view = itemsOf(itemsOf(id)?.[5]);
  return isCount(view?.[1]) ? view[1] * storage.type.itemBytes : 0;
}

function namedType(dtype: PickleValue | undefined): ElementType {
  const node = asNode(dtype);
  const known = node?.kind === 'global' ? elementTypes.get(node.name) : undefined;
  return known ?? { dtype: 'other', itemBytes: 1 };
}

function counts(value: PickleValue | undefined, what: string): number[] {
  const node = asNode(value);
  // `torch.Size` is a call with the tuple as its argument.
  const isSize = node?.kind === 'call' && isGlobal(node.callee, 'torch', 'Size');
  const items = itemsOf(isSize ? node.args[0] : value);
  if (items === null || items.length > MAX_RANK || !items.every(isCount)) {
    throw new ModelFormatError(`the ${what} of a tensor are no list of at most ${MAX_RANK} counts`);
  }
  return items.filter(isCount);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
