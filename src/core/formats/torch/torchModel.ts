import type { ByteSource } from '../../bytes/byteSource';
import type { OutputPlan } from '../../bytes/outputPlan';
import { ModelFormatError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { FormatId, OpenedModel, PlanOptions } from '../../model/openedModel';
import type { Tensor } from '../../model/tensor';
import type { PickleEntry } from '../pickle/pickleValue';
import { batchNormLeaves } from '../stateDict/batchNormLeaves';
import { foldedAlready } from '../stateDict/foldedAlready';
import { foldChanges } from '../stateDict/foldChanges';
import { joinPath } from '../stateDict/joinPath';
import { splitKey } from '../stateDict/modulesFromKeys';
import { cutEntry } from './entryEdits';
import {
  isPlainBatchNorm,
  isSparseConvolution,
  moduleEdits,
  type ModuleEdits,
} from './moduleEdits';
import { noNetwork } from './noNetwork';
import { planStateEdits } from './planStateEdits';
import { readTensorBytes, readTensorValues } from './readTensor';
import { tensorUses } from './tensorUses';
import type { TorchContainer } from './torchContainer';
import { unsafeNames } from './unsafeNames';
import type { TensorSlot, TorchNetwork } from './torchNetwork';

/** A checkpoint or pickled network, in whichever container. */
export class TorchModel implements OpenedModel {
  readonly opsets = new Map<string, number>();
  readonly network;
  readonly problems;
  readonly sources: readonly ByteSource[];

  constructor(
    readonly format: FormatId,
    readonly producer: string | null,
    private readonly container: TorchContainer,
    private readonly torch: TorchNetwork,
  ) {
    this.network = torch.network;
    const { globals } = container.document;
    this.problems = [
      ...unsafeNames(globals),
      ...torch.problems,
      ...noNetwork(torch.network, globals),
      ...(torch.network.evidence === 'modules' ? foldedAlready(torch.network.modules) : []),
    ];
    this.sources = [container.source];
  }

  readValues(tensor: Tensor): Float64Array {
    return readTensorValues(this.slot(tensor), this.container);
  }

  plan(folds: readonly Fold[], options: PlanOptions): OutputPlan {
    const { container, torch } = this;
    const changes = foldChanges(folds, options.mode, (name) => this.staysNeutral(name));
    const { edits, removed } = this.removeBatchNorms(changes.removed, folds);
    const state = planStateEdits(changes, removed, {
      slotsByName: torch.slotsByName,
      storageKeys: container.storageKeys,
      uses: tensorUses(container.document.root),
      dialect: container.dialect,
      readBytes: (slot) => readTensorBytes(slot, container),
      emptyBias: (weight) => this.emptyBias(weight),
    });
    const pickle = [...edits, ...state.pickle];
    return { files: [container.write({ ...state, pickle }, options.outputName)] };
  }

  private slot(tensor: Tensor): TensorSlot {
    const slot = this.torch.slotsByName.get(tensor.name);
    if (slot === undefined) throw new ModelFormatError(`the file holds no tensor ${tensor.name}`);
    return slot;
  }

  /** In a network saved whole, a BatchNorm of a class that may do more than normalise is made neutral instead. */
  private staysNeutral(bnName: string): boolean {
    const object = this.torch.objectsByPath.get(bnName);
    return object !== undefined && !isPlainBatchNorm(object);
  }

  private removeBatchNorms(names: readonly string[], folds: readonly Fold[]): ModuleEdits {
    const { objectsByPath } = this.torch;
    const keys = names.filter((name) => !objectsByPath.has(name));
    const entries = keys.flatMap((name) => this.batchNormEntries(name));
    const objects = names.flatMap((name) => objectsByPath.get(name) ?? []);
    const isSparseFolded =
      names.length > 0 &&
      folds.some(({ pair }) => {
        const conv = objectsByPath.get(pair.conv.name);
        return conv !== undefined && isSparseConvolution(conv);
      });
    const { protocol } = this.container.dialect;
    const modules = moduleEdits(objects, objectsByPath.values(), isSparseFolded, protocol);
    return {
      edits: [...modules.edits, ...entries.map(cutEntry)],
      removed: new Set([...modules.removed, ...entries]),
    };
  }

  /** What a BatchNorm keeps in a state_dict; other tensors under its name are those of a subclass, and stay. */
  private batchNormEntries(bnName: string): PickleEntry[] {
    return batchNormLeaves.flatMap((leaf) => {
      const slot = this.torch.slotsByName.get(joinPath(bnName, leaf));
      return slot ? [slot.entry] : [];
    });
  }

  /** A module object without a bias has an entry for it that says None. */
  private emptyBias(weight: TensorSlot): PickleEntry | null {
    const object = this.torch.objectsByPath.get(splitKey(weight.tensor.name).path);
    return object?.tensors.find(({ key, value }) => key === 'bias' && value === null) ?? null;
  }
}
