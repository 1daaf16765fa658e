import { concatBytes } from '../../bytes/concatBytes';
import { encodeFloats } from '../../bytes/floats';
import { pieceLength, type OutputFile, type Piece } from '../../bytes/outputPlan';
import { encodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError } from '../../errors';
import { isFloatDType, itemSize, type DType, type FloatDType } from '../../model/tensor';
import type { AddedBias, FoldChanges } from '../stateDict/foldChanges';
import { scaledPiece } from '../stateDict/tensorChange';
import { splitKey } from '../stateDict/modulesFromKeys';
import { dtypeNames, type SafetensorsFile, type StoredTensor } from './readHeader';
import { withEntries } from './spannedJson';

/** Headers are padded with spaces so that the data start at a multiple of this. */
const HEADER_ALIGNMENT = 8;

/** A tensor of the new file. */
interface Placed {
  readonly name: string;
  readonly dtype: DType;
  readonly piece: Piece;
  /** Where it, or the weight it belongs to, lay in the old file. */
  readonly at: number;
  /** The header's entry for it, given its offsets. */
  readonly entry: (offsets: string) => string;
}

/** The new file: header and data without the removed tensors, with the added ones. Null when nothing is left of it. */
export function writeSafetensors(
  file: SafetensorsFile,
  changes: FoldChanges,
  removed: ReadonlySet<string>,
  name: string,
): OutputFile | null {
  const placed = placeTensors(file, changes, removed);
  if (placed.length === 0 && file.tensors.length > 0) return null;
  const ordered = inDataOrder(placed);
  const offsets = new Map<Placed, string>();
  let at = 0;
  for (const tensor of ordered) {
    const end = at + pieceLength(tensor.piece);
    offsets.set(tensor, `[${at},${end}]`);
    at = end;
  }
  const entries = [
    ...file.header.entries
      .filter(({ key }) => key === '__metadata__')
      .map(({ start, end }) => file.headerText.slice(start, end)),
    ...placed.map((tensor) => tensor.entry(offsets.get(tensor) ?? '[0,0]')),
  ];
  const header = headerBytes(withEntries(file.headerText, file.header, entries));
  const data = ordered.map(({ piece }) => piece).filter((piece) => pieceLength(piece) > 0);
  return { name, pieces: [{ kind: 'bytes', bytes: header }, ...joined(data)], checksums: [] };
}

/** The key of a weight's bias. */
export function biasKey(weightKey: string): string {
  const { path } = splitKey(weightKey);
  return path === '' ? 'bias' : `${path}.bias`;
}

/** Every tensor of the new file, in the order of the header; a bias follows its weight. */
function placeTensors(
  file: SafetensorsFile,
  changes: FoldChanges,
  removed: ReadonlySet<string>,
): Placed[] {
  const scaled = new Map(changes.scaled.map((change) => [change.tensor.name, change]));
  const written = new Map(changes.written.map(({ tensor, values }) => [tensor.name, values]));
  const added = new Map(changes.added.map((bias) => [bias.weight.name, bias]));
  return file.tensors
    .filter(({ tensor }) => !removed.has(tensor.name))
    .flatMap((stored): Placed[] => {
      const { tensor } = stored;
      const values = written.get(tensor.name);
      const weight = scaled.get(tensor.name);
      const bias = added.get(tensor.name);
      const copy = copyPiece(stored, file.sourceIdx);
      const piece = weight
        ? scaledPiece(
            weight,
            { kind: 'range', source: copy.source, offset: copy.offset },
            copy.length,
          )
        : values
          ? valuesPiece(values, floatType(tensor.name, tensor.dtype))
          : copy;
      const entry = (offsets: string): string => withOffsets(file.headerText, stored, offsets);
      const at = stored.begin;
      const kept = { name: tensor.name, dtype: tensor.dtype, piece, at, entry };
      return bias ? [kept, placeBias(bias, at)] : [kept];
    });
}

function placeBias({ weight, values }: AddedBias, at: number): Placed {
  const dtype = floatType(weight.name, weight.dtype);
  const name = biasKey(weight.name);
  const entry = (offsets: string): string =>
    `${JSON.stringify(name)}:{"dtype":"${dtypeNames[dtype]}","shape":[${values.length}],"data_offsets":${offsets}}`;
  return { name, dtype, piece: valuesPiece(values, dtype), at, entry };
}

/** The entry as it was written, but for the offsets. */
function withOffsets(text: string, { entry, offsets }: StoredTensor, changed: string): string {
  return text.slice(entry.start, offsets.start) + changed + text.slice(offsets.end, entry.end);
}

/**
 * Tensors in the order of their data: as before, unless that would leave one at an address its elements do not
 * divide, which PyTorch cannot view; then those of wide elements come first, as safetensors itself sorts them.
 */
function inDataOrder(placed: readonly Placed[]): readonly Placed[] {
  const ordered = placed.toSorted((a, b) => a.at - b.at);
  let at = 0;
  const isAligned = ordered.every(({ dtype, piece }) => {
    const isDivided = at % Math.max(1, itemSize[dtype]) === 0;
    at += pieceLength(piece);
    return isDivided;
  });
  return isAligned ? ordered : ordered.toSorted((a, b) => itemSize[b.dtype] - itemSize[a.dtype]);
}

function copyPiece({ begin, end }: StoredTensor, source: number): Piece & { kind: 'copy' } {
  return { kind: 'copy', source, offset: begin, length: end - begin };
}

function valuesPiece(values: Float64Array, dtype: FloatDType): Piece {
  return { kind: 'bytes', bytes: encodeFloats(values, dtype) };
}

function floatType(name: string, dtype: DType): FloatDType {
  if (isFloatDType(dtype)) return dtype;
  throw new ModelFormatError(`${name} holds elements that are no floating-point numbers`);
}

/** Length, text and padding. */
function headerBytes(text: string): Uint8Array {
  const bytes = encodeUtf8(text.trimEnd());
  const padding = (HEADER_ALIGNMENT - (bytes.length % HEADER_ALIGNMENT)) % HEADER_ALIGNMENT;
  const head = new DataView(new ArrayBuffer(8));
  head.setBigUint64(0, BigInt(bytes.length + padding), true);
  const spaces = new Uint8Array(padding).fill(0x20);
  return concatBytes([new Uint8Array(head.buffer), bytes, spaces]);
}

/** Neighbouring ranges of one file become one range. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    const continues =
      last?.kind === 'copy' &&
      piece.kind === 'copy' &&
      last.source === piece.source &&
      last.offset + last.length === piece.offset;
    if (continues) result[result.length - 1] = { ...last, length: last.length + piece.length };
    else result.push(piece);
  }
  return result;
}
