import { concatBytes } from '../../bytes/concatBytes';
import type { PickleEdit } from '../pickle/editPickle';
import { op } from '../pickle/opcodes';
import { pickleBool, pickleGlobal } from '../pickle/pickleBytes';
import { entriesOf, entryOf, type PickleCall, type PickleEntry } from '../pickle/pickleValue';
import { batchNormLeaves } from '../stateDict/batchNormLeaves';
import { cutEntry, replaceKey, replaceValue } from './entryEdits';
import type { ModuleObject } from './moduleTree';

/** What folding does to module objects, apart from their tensors (DESIGN.md section 6). */
export interface ModuleEdits {
  readonly edits: readonly PickleEdit[];
  /** Entries that are gone afterwards: parameters and buffers of folded BatchNorms. */
  readonly removed: ReadonlySet<PickleEntry>;
}

/** Attributes that BatchNorms have and an Identity has not. */
const batchNormAttributes: ReadonlySet<unknown> = new Set([
  'num_features',
  'eps',
  'momentum',
  'affine',
  'bias',
  'track_running_stats',
  'process_group',
  'ddp_gpu_num',
]);
const leaves: ReadonlySet<unknown> = new Set(batchNormLeaves);

/**
 * Whether the object is a BatchNorm of PyTorch itself, whose forward pass is known to be nothing else, and nobody but
 * that pass looks at it: a convolution in training for quantization reads the parameters of the BatchNorm inside it.
 */
export function isPlainBatchNorm({ className, classModule, parent }: ModuleObject): boolean {
  const isPlain = classModule?.startsWith('torch.nn.') === true;
  const isRead = /^torch\..*\bqat\b/.test(parent?.classModule ?? '');
  return isPlain && className?.includes('BatchNorm') === true && !isRead;
}

/**
 * Removes folded BatchNorms: a child of a SparseSequential goes and its siblings are numbered anew, any other
 * becomes an Identity object. With `isSparseFolded`, a ReLU beside a sparse convolution is no longer in place.
 */
export function moduleEdits(
  batchNorms: readonly ModuleObject[],
  all: Iterable<ModuleObject>,
  isSparseFolded: boolean,
  protocol: number,
): ModuleEdits {
  const edits: PickleEdit[] = [];
  const children = batchNorms.filter(({ parent }) => parent && isSparseSequential(parent));
  for (const parent of new Set(children.map(({ object, parent }) => parent?.object ?? object))) {
    edits.push(...withoutChildren(parent, new Set(children.map(({ object }) => object))));
  }
  const others = batchNorms.filter((module) => !children.includes(module));
  for (const object of new Set(others.map((module) => module.object))) {
    edits.push(...toIdentity(object));
  }
  if (isSparseFolded) edits.push(...outOfPlace([...all], protocol));
  const removed = new Set(batchNorms.flatMap(({ object }) => tensorEntries(object)));
  return { edits, removed };
}

/** Whether a class is a sparse convolution of spconv or mmcv, quantized ones included. */
export function isSparseConvolution({ className }: ModuleObject): boolean {
  return className !== null && /^(Quant)?(SubM|Sparse)\w*Conv/.test(className);
}

function isSparseSequential({ className }: ModuleObject): boolean {
  return className === 'SparseSequential';
}

/** The object keeps its hooks and whatever else it has, and changes its class. */
function toIdentity(object: PickleCall): PickleEdit[] {
  const newObject = concatBytes([
    pickleGlobal('torch.nn.modules.linear', 'Identity'),
    Uint8Array.of(op.EMPTY_TUPLE, op.NEWOBJ),
  ]);
  const attributes = entriesOf(object.state)?.filter(({ key }) => batchNormAttributes.has(key));
  return [
    { first: object.first, end: object.operation + 1, bytes: newObject },
    ...[...(attributes ?? []), ...tensorEntries(object)].map(cutEntry),
  ];
}

/** Entries of a BatchNorm's parameters and buffers, those that are None included. */
function tensorEntries(object: PickleCall): PickleEntry[] {
  const state = entriesOf(object.state);
  return ['_parameters', '_buffers']
    .flatMap((name) => entriesOf(entryOf(state, name)?.value) ?? [])
    .filter(({ key }) => leaves.has(key));
}

function withoutChildren(parent: PickleCall, gone: ReadonlySet<unknown>): PickleEdit[] {
  const entries = entriesOf(entryOf(entriesOf(parent.state), '_modules')?.value) ?? [];
  const isNumbered = entries.every(({ key }) => typeof key === 'string' && /^\d+$/.test(key));
  let next = 0;
  return entries.flatMap((entry) => {
    if (gone.has(entry.value)) return [cutEntry(entry)];
    const key = String(next++);
    if (!isNumbered || key === entry.key) return [];
    return [replaceKey(entry, key)];
  });
}

function outOfPlace(all: readonly ModuleObject[], protocol: number): PickleEdit[] {
  const sparseParents = new Set(
    all.filter(isSparseConvolution).map(({ parent }) => parent?.object),
  );
  const activations = all.filter(
    ({ className, parent }) => className === 'ReLU' && parent && sparseParents.has(parent.object),
  );
  return [...new Set(activations.map(({ object }) => object))].flatMap((object) => {
    const entry = entryOf(entriesOf(object.state), 'inplace');
    return entry?.value === true ? [replaceValue(entry, pickleBool(false, protocol))] : [];
  });
}
