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
  /** Name of the element type of a quantized tensor (`qint8`); null for any other. */
  readonly quantized: string | null;
  /** First element, in bytes from the storage's start. */
  readonly byteOffset: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  readonly parameter: ParameterForm | null;
  readonly requiresGrad: boolean;
}

/**
 * How a Parameter object is pickled: by `torch._utils._rebuild_parameter`, or as a call of its class (`Parameter` in
 * `torch/nn/parameter.py` up to torch 1.0; before 0.4, `Variable.__reduce_ex__`).
 */
export type ParameterForm = 'function' | 'class';

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
  let parameter: ParameterForm | null = null;
  let requiresGrad = false;
  for (let depth = 0; depth < MAX_WRAPPERS && node?.kind === 'call'; depth++) {
    const name = rebuilderOf(node);
    switch (name) {
      case '_rebuild_parameter':
      case '_rebuild_parameter_with_state':
        parameter = 'function';
        requiresGrad = node.args[1] === true;
        node = asNode(node.args[0]);
        break;
      case 'Parameter':
      case 'Variable':
        if (name === 'Parameter') parameter = 'class';
        requiresGrad = wantsGradient(node);
        node = asNode(node.args[0]);
        break;
      case '_rebuild_from_type':
      case '_rebuild_from_type_v2':
        node = unwrapType(node);
        break;
      case '_rebuild_tensor':
      case '_rebuild_tensor_v2':
      case '_rebuild_tensor_v3':
      case '_rebuild_qtensor': {
        const tensor = rebuiltTensor(node, name);
        return (
          tensor && { ...tensor, parameter, requiresGrad: requiresGrad || tensor.requiresGrad }
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

/** Modules of PyTorch with what rebuilds tensors. */
const rebuilders: ReadonlySet<string> = new Set([
  'torch._utils',
  'torch._tensor',
  'torch.nn.parameter',
  'torch.autograd.variable',
]);

/** Name of the function or class of PyTorch that rebuilds the object. */
function rebuilderOf({ callee }: PickleCall): string | null {
  const node = asNode(callee);
  return node?.kind === 'global' && rebuilders.has(node.module) ? node.name : null;
}

/** Torch 0.4 and 1.0 call the class with it; older ones set a state of which it is the first item. */
function wantsGradient({ args, state }: PickleCall): boolean {
  return (args[1] ?? itemsOf(state)?.[0]) === true;
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
  const quantized = name === '_rebuild_qtensor' ? (storage.type.quantized ?? null) : null;
  // Types of less than a byte count their elements in a way of their own.
  if (name === '_rebuild_qtensor' && quantized === null) return null;
  const shape = counts(size, 'shape');
  const strides = counts(stride, 'strides');
  if (!isCount(offset) || shape.length !== strides.length) {
    throw new ModelFormatError(`a tensor of storage ${storage.key} has no place in it`);
  }
  return {
    storage,
    dtype: type.dtype,
    itemBytes: type.itemBytes,
    quantized,
    byteOffset: viewOffset(persistent.id, storage) + offset * type.itemBytes,
    shape,
    strides,
    parameter: null,
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
