import type { ByteSource } from '../../bytes/byteSource';
import type { OutputPlan } from '../../bytes/outputPlan';
import { ModelFormatError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { FormatId, OpenedModel, PlanOptions } from '../../model/openedModel';
import type { Tensor } from '../../model/tensor';
import type { PickleEntry } from '../pickle/pickleValue';
import { batchNormLeaves } from '../stateDict/batchNormLeaves';
import { foldChanges } from '../stateDict/foldChanges';
import { planStateEdits } from './planStateEdits';
import { readTensorBytes, readTensorValues } from './readTensor';
import { tensorUses } from './tensorUses';
import type { TorchContainer } from './torchContainer';
import { joinPath, type TensorSlot, type TorchNetwork } from './torchNetwork';

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
    this.problems = torch.problems;
    this.sources = [container.source];
  }

  readValues(tensor: Tensor): Float64Array {
    return readTensorValues(this.slot(tensor), this.container);
  }

  plan(folds: readonly Fold[], options: PlanOptions): OutputPlan {
    const changes = foldChanges(folds, options.mode);
    const removed = new Set(changes.removed.flatMap((name) => this.batchNormEntries(name)));
    const edits = planStateEdits(changes, removed, {
      slotsByName: this.torch.slotsByName,
      uses: tensorUses(this.container.document.root),
      dialect: this.container.dialect,
      readBytes: (slot) => readTensorBytes(slot, this.container),
      emptyBias: () => null,
    });
    return { files: [this.container.write(edits, options.outputName)] };
  }

  private slot(tensor: Tensor): TensorSlot {
    const slot = this.torch.slotsByName.get(tensor.name);
    if (slot === undefined) throw new ModelFormatError(`the file holds no tensor ${tensor.name}`);
    return slot;
  }

  /** What a BatchNorm keeps in a state_dict; other tensors under its name are those of a subclass, and stay. */
  private batchNormEntries(bnName: string): PickleEntry[] {
    return batchNormLeaves.flatMap((leaf) => {
      const slot = this.torch.slotsByName.get(joinPath(bnName, leaf));
      return slot ? [slot.entry] : [];
    });
  }
}
