import type { FoldPiece, Piece } from '../../../bytes/outputPlan';
import { ModelFormatError } from '../../../errors';
import { elementCount, itemSize } from '../../../model/tensor';
import { decodeTensorBytes } from '../read/tensorBytes';
import type { NodeRecord, TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { fieldsOf } from '../wire/fields';
import type { WireReader } from '../wire/wireReader';
import type { Definition } from './definitions';
import type { NodeChange } from './nodeChange';
import { addTensor, type NewTensor } from './newTensor';
import { delimitedField, totalLength } from './protoPieces';
import { isIdentity } from './removal';
import type { WriteContext } from './writeContext';

/** A constant as a node reads it: the tensor behind its input, Identity nodes seen through. */
export interface Constant {
  readonly tensor: TensorRecord;
  /** Whether the node is the only reader, of the tensor and of every Identity in between. */
  readonly isPrivate: boolean;
  readonly isBehindIdentity: boolean;
}

/** Values that take the place of what a node reads at one input. */
export interface NewValues {
  readonly piece: Piece;
  readonly elementType: number;
  readonly shape: readonly number[];
  /** Name of a private copy, if one is needed; a number is added where it is taken. */
  readonly wantedName: string;
  /** Make a copy although nobody else reads the tensor. */
  readonly isCopy: boolean;
}

/** Exporters chain one or two. */
const MAX_IDENTITIES = 16;

/** The constant a node reads at an input; null when there is none or it is computed. */
export function constantAt(
  { definitions }: WriteContext,
  { node, graph }: NodeRecord,
  index: number,
): Constant | null {
  let definition: Definition | null = definitions.resolve(graph, node.inputs[index] ?? '');
  let isPrivate = true;
  for (let hop = 0; definition !== null && hop <= MAX_IDENTITIES; hop++) {
    isPrivate &&= definition.uses === 1;
    if (definition.tensor !== null) {
      return { tensor: definition.tensor, isPrivate, isBehindIdentity: hop > 0 };
    }
    if (definition.node === null || !isIdentity(definition.node)) return null;
    definition = definitions.resolve(definition.graph, definition.node.node.inputs[0] ?? '');
  }
  return null;
}

/**
 * Makes a node read new values at one of its inputs: in the place of the old ones when nobody else reads them and
 * they fit, else as a private copy in the node's own graph.
 */
export function storeInput(
  ctx: WriteContext,
  reader: NodeRecord,
  index: number,
  values: NewValues,
): void {
  const old = constantAt(ctx, reader, index);
  if (old !== null && old.isPrivate && !values.isCopy && fitsInPlace(ctx, old.tensor, values)) {
    replaceValues(ctx, old.tensor, values.piece);
    if (old.isBehindIdentity) setInput(ctx, reader, index, old.tensor.valueName);
    return;
  }
  const name = ctx.definitions.freshName(values.wantedName);
  addTensor(ctx, reader.graph, reader, { ...values, name, values: placeOf(ctx, old, values) });
  setInput(ctx, reader, index, name);
}

/** Makes a node read another value at one of its inputs; what only fed the old one goes. */
export function setInput(ctx: WriteContext, reader: NodeRecord, index: number, name: string): void {
  const change = changeOf(ctx, reader);
  const before = change.inputs.get(index) ?? reader.node.inputs[index] ?? '';
  change.inputs.set(index, name);
  ctx.definitions.use(reader.graph, name);
  ctx.removal.release(reader.graph, before);
}

/** The change of a node that is being collected. */
export function changeOf({ nodeChanges }: WriteContext, node: NodeRecord): NodeChange {
  const known = nodeChanges.get(node);
  if (known !== undefined) return known;
  const change: NodeChange = { inputs: new Map(), attributes: [] };
  nodeChanges.set(node, change);
  return change;
}

/** Where a tensor's elements come from, as the writer of a fold reads them. */
export function elementsOf(reader: WireReader, record: TensorRecord): FoldPiece['from'] {
  const { location } = record.tensor;
  switch (location.kind) {
    case 'range':
      return { kind: 'range', source: location.source, offset: location.offset };
    case 'encoded':
      return { kind: 'bytes', bytes: decodeTensorBytes(reader, record) };
    case 'absent':
      throw new ModelFormatError(
        `${record.tensor.name} cannot be read: ${location.why ?? 'the file holds no values for it'}`,
      );
  }
}

/** Length in bytes of a tensor's elements. */
export function sizeOf({ tensor }: TensorRecord): number {
  return elementCount(tensor.shape) * itemSize[tensor.dtype];
}

function fitsInPlace({ overlapping }: WriteContext, old: TensorRecord, values: NewValues): boolean {
  return (
    old.form === 'tensor' &&
    old.tensor.location.kind !== 'absent' &&
    old.elementType === values.elementType &&
    sizeOf(old) === totalLength([values.piece]) &&
    !overlapping.has(old)
  );
}

/** A copy of values in a data file goes behind that file's end: the model file must not grow by weights. */
function placeOf(
  { dataFiles }: WriteContext,
  old: Constant | null,
  { piece }: NewValues,
): NewTensor['values'] {
  const number = old?.tensor.dataFile ?? null;
  const file = number === null ? undefined : dataFiles.get(number);
  if (file === undefined || piece.kind !== 'fold') return { kind: 'inline', piece };
  return {
    kind: 'external',
    file: file.name,
    offset: file.append(piece),
    length: totalLength([piece]),
  };
}

function replaceValues(ctx: WriteContext, { tensor, span }: TensorRecord, piece: Piece): void {
  const { location } = tensor;
  if (location.kind === 'range' && location.source !== 0) {
    ctx.dataFiles.get(location.source)?.patch(location.offset, piece);
  } else if (location.kind === 'range') {
    const { offset, length } = location;
    ctx.edits.push({ within: span, start: offset, end: offset + length, pieces: [piece] });
  } else {
    removeTypedData(ctx, span);
    const { rawData } = fieldNumbers.tensor;
    const pieces = delimitedField(rawData, [piece]);
    ctx.edits.push({ within: span, start: span.end, end: span.end, pieces });
  }
}

/** Removes `float_data` and its like, which must not stand beside `raw_data`; neighbours in one edit. */
function removeTypedData({ reader, edits }: WriteContext, within: TensorRecord['span']): void {
  const { floatData, int32Data, int64Data, doubleData, uint64Data } = fieldNumbers.tensor;
  const typed = new Set<number>([floatData, int32Data, int64Data, doubleData, uint64Data]);
  const runs: { start: number; end: number }[] = [];
  for (const { number, start, end } of fieldsOf(reader, within)) {
    if (!typed.has(number)) continue;
    const last = runs.at(-1);
    if (last?.end === start) last.end = end;
    else runs.push({ start, end });
  }
  edits.push(...runs.map(({ start, end }) => ({ within, start, end, pieces: [] })));
}
