import { decodeUtf8 } from '../bytes/utf8';
import { ModelFormatError } from '../errors';
import { elementCount } from '../model/tensor';

/** An array from a `.npy` file; `bytes` are little-endian elements in row-major order. */
export interface NpyArray {
  /** NumPy's type code without byte order: `f4`, `f8`, `f2`, `i8`, `u1`, `b1`… */
  readonly typeCode: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The preamble of a `.npy` file: magic, version, length of the header. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** NumPy pads headers to multiples of 64; one with a thousand fields is no plain array. */
const MAX_HEADER_BYTES = 65536;

/** ONNX Runtime takes no more. */
const MAX_RANK = 16;

/**
 * Reads a `.npy` file (NumPy Enhancement Proposal 1, versions 1 to 3): plain numbers, row-major or Fortran order.
 * @throws ModelFormatError when the bytes are no such file, are cut, or hold objects.
 */
export function readNpy(bytes: Uint8Array, name: string): NpyArray {
  if (!MAGIC.every((byte, idx) => bytes[idx] === byte)) {
    throw new ModelFormatError(`${name} is no .npy file: its first bytes are not those of NumPy`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isFirstVersion = bytes[6] === 1;
  const headerStart = isFirstVersion ? 10 : 12;
  if (bytes.length < headerStart) throw new ModelFormatError(`${name} is cut inside its header`);
  const headerLength = isFirstVersion ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + headerLength;
  if (headerLength > MAX_HEADER_BYTES || dataStart > bytes.length) {
    throw new ModelFormatError(`${name}: header of ${headerLength} bytes does not fit the file`, 8);
  }
  const header = decodeUtf8(bytes.subarray(headerStart, dataStart));
  const { typeCode, itemBytes, isBigEndian, isFortran, shape } = parseHeader(header, name);
  const expected = elementCount(shape) * itemBytes;
  if (bytes.length - dataStart < expected) {
    throw new ModelFormatError(
      `${name} holds ${bytes.length - dataStart} bytes of data, but shape [${shape.join(', ')}] needs ${expected}`,
    );
  }
  let data = bytes.slice(dataStart, dataStart + expected);
  if (isBigEndian) data = swapBytes(data, itemBytes);
  if (isFortran && shape.length > 1) data = toRowMajor(data, shape, itemBytes);
  return { typeCode, shape, bytes: data };
}

/** The header is a Python dict literal with three keys, written by NumPy itself in one fixed form. */
function parseHeader(header: string, name: string) {
  const descr = /'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d+)'/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const shapeText = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(header);
  const [, byteOrder, kind = '', size = ''] = descr ?? [];
  if (descr === null || order === null || shapeText === null || !'fiub'.includes(kind)) {
    throw new ModelFormatError(
      `${name} does not hold a plain array of numbers (header ${header.trim()})`,
    );
  }
  const shape = (shapeText[1] ?? '')
    .split(',')
    .flatMap((dim) => (dim.trim() === '' ? [] : [Number(dim)]));
  if (shape.length > MAX_RANK || !Number.isSafeInteger(elementCount(shape) * 8)) {
    throw new ModelFormatError(`${name} has an impossible shape [${shape.join(', ')}]`);
  }
  return {
    typeCode: kind + size,
    itemBytes: Number(size),
    isBigEndian: byteOrder === '>',
    isFortran: order[1] === 'True',
    shape,
  };
}

function swapBytes(data: Uint8Array, itemBytes: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(data, (_, at) => {
    const inItem = at % itemBytes;
    return data[at - inItem + itemBytes - 1 - inItem] ?? 0;
  });
}

function toRowMajor(
  data: Uint8Array,
  shape: readonly number[],
  itemBytes: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(data.length);
  const index = new Array<number>(shape.length).fill(0);
  for (let at = 0; at < data.length; at += itemBytes) {
    let source = 0;
    let stride = 1;
    shape.forEach((dim, axis) => {
      source += (index[axis] ?? 0) * stride;
      stride *= dim;
    });
    out.set(data.subarray(source * itemBytes, (source + 1) * itemBytes), at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      index[axis] = next === shape[axis] ? 0 : next;
      if (next !== shape[axis]) break;
    }
  }
  return out;
}
