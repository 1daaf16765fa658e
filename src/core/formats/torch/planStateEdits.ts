import type { Piece } from '../../bytes/outputPlan';
import { RequestError } from '../../errors';
import { elementCount, contiguousStrides, itemSize, type Tensor } from '../../model/tensor';
import type { PickleEdit } from '../pickle/editPickle';
import type { PickleEntry } from '../pickle/pickleValue';
import type { FoldChanges } from '../stateDict/foldChanges';
import {
  isSameChange,
  scaledPiece,
  tensorChanges,
  type TensorChange,
} from '../stateDict/tensorChange';
import { insertAfter, replaceValue } from './entryEdits';
import { StorageEdits } from './storageEdits';
import { encodeStrided, floatTypeOf, tensorExpression, type StorageDialect } from './torchBytes';
import type { TensorSlot } from './torchNetwork';
import type { TensorUse } from './tensorUses';

/** What the edits of a pickle and its storages are made from. */
export interface EditContext {
  readonly slotsByName: ReadonlyMap<string, TensorSlot>;
  /** Keys that storages of the file have already. */
  readonly storageKeys: Iterable<string>;
  /** Every tensor in the pickle, by storage. */
  readonly uses: ReadonlyMap<string, readonly TensorUse[]>;
  readonly dialect: StorageDialect;
  /** The bytes of a tensor's extent; those of an encoded tensor in row-major order. */
  readBytes(slot: TensorSlot): Uint8Array;
  /** An entry that is there for the bias already and says None; only module objects have one. */
  emptyBias(weight: TensorSlot): PickleEntry | null;
}

export interface StateEdits {
  readonly pickle: readonly PickleEdit[];
  readonly storages: StorageEdits;
}

type Change = TensorChange & { readonly slot: TensorSlot };

/**
 * Turns changes of tensors into edits. A tensor is changed where it lies, unless others see the same bytes or it
 * cannot be changed in place: then it gets a storage of its own. `removed` are entries that others cut out.
 */
export function planStateEdits(
  changes: FoldChanges,
  removed: ReadonlySet<PickleEntry>,
  context: EditContext,
): StateEdits {
  const planner = new EditPlanner(changes, removed, context);
  planner.plan();
  return planner;
}

class EditPlanner implements StateEdits {
  readonly pickle: PickleEdit[] = [];
  readonly storages: StorageEdits;
  private readonly changesByEntry = new Map<PickleEntry, Change>();

  constructor(
    private readonly changes: FoldChanges,
    private readonly removed: ReadonlySet<PickleEntry>,
    private readonly context: EditContext,
  ) {
    this.storages = new StorageEdits(context.storageKeys);
  }

  plan(): void {
    for (const change of tensorChanges(this.changes)) {
      this.want({ ...change, slot: this.slot(change.change.tensor) });
    }
    for (const change of this.changesByEntry.values()) {
      if (this.fitsInPlace(change)) this.changeInPlace(change);
      else this.replace(change);
    }
    for (const { weight, values } of this.changes.added) this.addBias(this.slot(weight), values);
  }

  /** A module that is registered twice has one entry under two names: it can change in one way only. */
  private want(change: Change): void {
    const { entry, tensor } = change.slot;
    const other = this.changesByEntry.get(entry);
    if (other && !isSameChange(other, change)) {
      throw new RequestError('FOLDS_DISAGREE', `Two folds want to change ${tensor.name}.`);
    }
    this.changesByEntry.set(entry, change);
  }

  private slot(tensor: Tensor): TensorSlot {
    const slot = this.context.slotsByName.get(tensor.name);
    if (slot === undefined) throw new Error(`${tensor.name} is no tensor of this file`);
    return slot;
  }

  /** Whether all that see these bytes go, or want the very same change. */
  private fitsInPlace(change: Change): boolean {
    const { slot } = change;
    if (slot.tensor.location.kind !== 'range') return false;
    const from = slot.view.byteOffset;
    const to = from + slot.tensor.location.length;
    const uses = this.context.uses.get(slot.view.storage.key) ?? [];
    return uses.every((use) => {
      if (use.to <= from || use.from >= to || use.entry === slot.entry) return true;
      if (use.entry === null) return false;
      if (this.removed.has(use.entry)) return true;
      const other = this.changesByEntry.get(use.entry);
      const isSamePlace = use.from === from && use.to === to;
      return other !== undefined && isSamePlace && isSameChange(change, other);
    });
  }

  private changeInPlace(change: Change): void {
    const { view, tensor } = change.slot;
    if (tensor.location.kind !== 'range') return;
    const { offset, length } = tensor.location;
    const from = { kind: 'range', source: 0, offset } as const;
    const piece = change.kind === 'scaled' ? scaledPiece(change.change, from, length) : null;
    this.storages.patch(
      view.storage.key,
      view.byteOffset,
      length,
      piece ?? this.writtenPiece(change, view.strides),
    );
  }

  /** Gives the tensor a storage of its own. */
  private replace(change: Change): void {
    const { slot } = change;
    const { view, tensor, entry } = slot;
    const { location } = tensor;
    const isEncoded = location.kind !== 'range';
    const strides = isEncoded ? contiguousStrides(view.shape) : view.strides;
    let piece: Piece;
    if (change.kind === 'written') {
      piece = this.writtenPiece(change, strides);
    } else if (isEncoded) {
      const bytes = this.context.readBytes(slot);
      piece = scaledPiece(change.change, { kind: 'bytes', bytes }, bytes.length);
    } else {
      const from = { kind: 'range', source: 0, offset: location.offset } as const;
      piece = scaledPiece(change.change, from, location.length);
    }
    const dtype = floatTypeOf(tensor);
    const length = piece.kind === 'bytes' ? piece.bytes.length : piece.length;
    const count = length / itemSize[dtype];
    const key = this.storages.add({ pieces: [piece], count, after: view.storage.key });
    const expression = tensorExpression(
      { key, dtype, count, shape: view.shape, strides, like: view },
      this.context.dialect,
    );
    this.pickle.push(replaceValue(entry, expression));
  }

  private writtenPiece(change: Change, strides: readonly number[]): Piece {
    const { slot } = change;
    const values = change.kind === 'written' ? change.change.values : new Float64Array();
    const old = slot.tensor.location.kind === 'range' ? this.context.readBytes(slot) : null;
    const dtype = floatTypeOf(slot.tensor);
    return { kind: 'bytes', bytes: encodeStrided(values, slot.view.shape, strides, dtype, old) };
  }

  private addBias(weight: TensorSlot, values: Float64Array): void {
    const dtype = floatTypeOf(weight.tensor);
    const shape = [values.length];
    const bytes = encodeStrided(values, shape, [1], dtype, null);
    const count = elementCount(shape);
    const after = weight.view.storage.key;
    const key = this.storages.add({ pieces: [{ kind: 'bytes', bytes }], count, after });
    const expression = tensorExpression(
      { key, dtype, count, shape, strides: [1], like: weight.view },
      this.context.dialect,
    );
    const empty = this.context.emptyBias(weight);
    this.pickle.push(
      empty === null
        ? insertAfter(weight.entry, biasKey(weight.entry), expression)
        : replaceValue(empty, expression),
    );
  }
}

function biasKey({ key }: PickleEntry): string {
  return typeof key === 'string' ? key.replace(/[^.]*$/, 'bias') : 'bias';
}
