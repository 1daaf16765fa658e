import {
  asNode,
  type PickleEntry,
  type PickleNode,
  type PicklePersistent,
  type PickleValue,
} from '../pickle/pickleValue';
import { stridedExtent } from '../../bytes/stridedValues';
import { storageOf, tensorOf, type TorchTensor } from './torchTensor';

/** One place in a pickle that shows bytes of a storage. */
export interface TensorUse {
  /** Bytes [from, to) of the storage. */
  readonly from: number;
  readonly to: number;
  /** The dict entry that holds it; null for another place, such as a list. */
  readonly entry: PickleEntry | null;
}

/**
 * Every tensor of a pickle, layers or not, by the key of its storage: what an edit in place would change along. A
 * storage that hangs there by itself, or in a tensor of a kind that is not read here, is used as a whole.
 */
export function tensorUses(root: PickleValue): ReadonlyMap<string, readonly TensorUse[]> {
  const usesByStorage = new Map<string, TensorUse[]>();
  const seen = new Set<PickleNode>();
  const waiting: PickleNode[] = [];
  const visit = (value: PickleValue, entry: PickleEntry | null): void => {
    const node = asNode(value);
    if (node === null) return;
    const tensor = tensorOf(node);
    // A quantized tensor holds further tensors: its scales.
    if (tensor !== null && tensor.quantized === null) addUse(usesByStorage, tensor, entry);
    else if (node.kind === 'persistent') addWholeUse(usesByStorage, node);
    else if (!seen.has(node)) {
      seen.add(node);
      waiting.push(node);
    }
  };
  visit(root, null);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    switch (node.kind) {
      case 'list':
      case 'tuple':
      case 'set':
        for (const item of node.items) visit(item, null);
        break;
      case 'dict':
        for (const entry of node.entries) visit(entry.value, entry);
        break;
      case 'call':
        for (const item of [node.callee, ...node.args, node.state]) visit(item, null);
        for (const item of node.items) visit(item, null);
        for (const entry of node.entries) visit(entry.value, entry);
        break;
      default:
        break;
    }
  }
  return usesByStorage;
}

function addWholeUse(usesByStorage: Map<string, TensorUse[]>, { id }: PicklePersistent): void {
  const storage = storageOf(id);
  if (storage === null) return;
  const uses = usesByStorage.get(storage.key) ?? [];
  usesByStorage.set(storage.key, uses);
  uses.push({ from: 0, to: Infinity, entry: null });
}

function addUse(
  usesByStorage: Map<string, TensorUse[]>,
  tensor: TorchTensor,
  entry: PickleEntry | null,
): void {
  const length = stridedExtent(tensor.shape, tensor.strides) * tensor.itemBytes;
  const { key } = tensor.storage;
  const uses = usesByStorage.get(key) ?? [];
  usesByStorage.set(key, uses);
  uses.push({ from: tensor.byteOffset, to: tensor.byteOffset + length, entry });
}
