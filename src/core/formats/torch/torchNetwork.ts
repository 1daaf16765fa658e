import type { Module, ModuleNetwork } from '../../model/network';
import type { Problem } from '../../model/pair';
import type { Tensor } from '../../model/tensor';
import { ModelFormatError } from '../../errors';
import {
  asNode,
  entriesOf,
  entryOf,
  type PickleEntry,
  type PickleValue,
} from '../pickle/pickleValue';
import { joinPath } from '../stateDict/joinPath';
import { modulesFromKeys } from '../stateDict/modulesFromKeys';
import { findStates, type FoundDict, type FoundState } from './findStates';
import { moduleTree, type ModuleObject } from './moduleTree';
import { placeTensor, type StorageTable } from './storageTable';
import { tensorOf, type TorchTensor } from './torchTensor';

/** The largest networks in one file have some ten thousand. */
const MAX_TENSORS = 200_000;

/** A tensor of the network and the dict entry that holds it. */
export interface TensorSlot {
  readonly tensor: Tensor;
  readonly view: TorchTensor;
  readonly entry: PickleEntry;
}

/** The networks of a pickle: what pairing sees, and where each tensor hangs. */
export interface TorchNetwork {
  readonly network: ModuleNetwork;
  readonly problems: readonly Problem[];
  readonly slotsByName: ReadonlyMap<string, TensorSlot>;
  /** Module objects by path; empty for a state_dict. */
  readonly objectsByPath: ReadonlyMap<string, ModuleObject>;
}

/**
 * Finds the networks in a pickle's root object and lists their modules and tensors.
 * @throws ModelFormatError when a key stands twice in one dict, or a tensor does not fit its storage.
 */
export function torchNetwork(root: PickleValue, storages: StorageTable): TorchNetwork {
  const states = findStates(root);
  const reader = new NetworkReader(storages);
  for (const state of states) reader.read(state);
  const [main] = states;
  return {
    network: {
      kind: 'modules',
      evidence: main?.kind === 'module' ? 'modules' : 'names',
      modules: reader.modules,
      isOrdered: true,
      config: configText(root),
    },
    problems: reader.problems(),
    slotsByName: reader.slotsByName,
    objectsByPath: reader.objectsByPath,
  };
}

class NetworkReader {
  readonly modules: Module[] = [];
  readonly slotsByName = new Map<string, TensorSlot>();
  readonly objectsByPath = new Map<string, ModuleObject>();
  private readonly missing: string[] = [];

  constructor(private readonly storages: StorageTable) {}

  read(state: FoundState): void {
    if (state.kind === 'dict') this.readDict(state);
    else this.readTree(state.dict, moduleTree(state));
  }

  problems(): Problem[] {
    if (this.missing.length === 0) return [];
    const [first] = this.missing;
    const count = this.missing.length;
    const message = `${count} tensors have no data in the file, the first is ${first ?? ''}.`;
    return [{ severity: 'warning', message }];
  }

  private readDict(state: FoundDict): void {
    const tensors: Tensor[] = [];
    for (const entry of state.entries) {
      if (typeof entry.key !== 'string') continue;
      const tensor = this.place(joinPath(state.dict, entry.key), entry);
      if (tensor !== null) tensors.push(tensor);
    }
    const metadata = entriesOf(entryOf(entriesOf(state.state), '_metadata')?.value);
    const versions = new Map(metadata?.map(({ key, value }) => [key, value]));
    const versionOf = (path: string): number | null => {
      const inDict = state.dict === '' ? path : path.slice(state.dict.length + 1);
      const version = entryOf(entriesOf(versions.get(inDict)), 'version')?.value;
      return typeof version === 'number' ? version : null;
    };
    for (const module of modulesFromKeys(state.dict, tensors, versionOf)) this.modules.push(module);
  }

  private readTree(dict: string, objects: readonly ModuleObject[]): void {
    for (const object of objects) {
      const tensors = new Map<string, Tensor>();
      for (const entry of object.tensors) {
        if (typeof entry.key !== 'string') continue;
        const tensor = this.place(joinPath(object.path, entry.key), entry);
        if (tensor !== null) tensors.set(entry.key, tensor);
      }
      const { path, className, classModule, attributes } = object;
      this.objectsByPath.set(path, object);
      this.modules.push({ dict, path, className, classModule, tensors, attributes, version: null });
    }
  }

  private place(name: string, entry: PickleEntry): Tensor | null {
    const view = tensorOf(entry.value);
    if (view === null) return null;
    if (this.slotsByName.size >= MAX_TENSORS) {
      throw new ModelFormatError(`the networks have more than ${MAX_TENSORS} tensors`);
    }
    if (this.slotsByName.has(name)) {
      throw new ModelFormatError(`the file holds the tensor ${name} twice`);
    }
    const tensor = placeTensor(name, view, this.storages);
    if (tensor.location.kind === 'absent') this.missing.push(name);
    this.slotsByName.set(name, { tensor, view, entry });
    return tensor;
  }
}

/** The configuration text that mmcv (`config`) and mmengine (`cfg`) keep in `meta`. */
function configText(root: PickleValue): string | null {
  const meta = entriesOf(entryOf(entriesOf(asNode(root)), 'meta')?.value);
  const text = (entryOf(meta, 'config') ?? entryOf(meta, 'cfg'))?.value;
  return typeof text === 'string' ? text : null;
}
