import type * as Runtime from 'onnxruntime-common';
import { encodeFloats } from '../../../core/bytes/floats';
import type { NpyArray } from '../../../core/drift/npy';
import { gaussianPatch } from '../../../core/drift/patch';
import { elementCount } from '../../../core/model/tensor';
import { readArray } from './readArray';
import type { RunParams } from './runtimeProtocol';
import { RuntimeFailure } from './runtimeError';

type TensorMetadata = Runtime.InferenceSession.TensorValueMetadata;

/** Inputs of one sample by name. */
export type Feeds = Record<string, Runtime.Tensor>;

/** Image axes of most classifiers; a network that needs others is told by `--axis` or `--input`. */
const GUESSED_IMAGE_SIZE = 224;
const GUESSED_VOLUME_SIZE = 32;
const GUESSED_SEQUENCE_LENGTH = 64;

/** Seeds of two samples, and of two inputs of one sample, must not meet. */
const SEEDS_PER_SAMPLE = 1000;

/** An input larger than this is a mistake in a size. */
const MAX_INPUT_ELEMENTS = 2 ** 30;

/** NumPy's codes of the runtime's element types. */
const typeCodes: Readonly<Record<string, string>> = {
  f4: 'float32',
  f8: 'float64',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u8: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
};

/** Makes the inputs of every sample: the user's files where given, seeded numbers elsewhere. */
export class NetworkInputs {
  private readonly files: ReadonlyMap<string, NpyArray>;

  /** @throws RuntimeFailure when a file is no array or names no input. */
  constructor(
    private readonly ort: typeof Runtime,
    private readonly inputs: readonly Runtime.InferenceSession.ValueMetadata[],
    private readonly params: Pick<RunParams, 'inputs' | 'axes' | 'seed'>,
  ) {
    const known = inputs.map(({ name }) => name);
    assertAxesExist(inputs, params.axes);
    this.files = new Map(
      params.inputs.map(({ name, path }) => {
        if (known.includes(name)) return [name, readInput(path, name)];
        throw invalid(`The network has no input ${name}; its inputs are ${known.join(', ')}.`);
      }),
    );
  }

  /** @throws RuntimeFailure when a file does not fit its input. */
  sample(index: number): Feeds {
    return Object.fromEntries(
      this.inputs.map((input, inputIdx) => {
        if (!input.isTensor) {
          throw invalid(`The input ${input.name} is no tensor; only tensors can be made up.`);
        }
        const array = this.files.get(input.name);
        const seed = this.params.seed + index * SEEDS_PER_SAMPLE + inputIdx;
        return [input.name, array ? this.fromArray(input, array) : this.drawn(input, seed)];
      }),
    );
  }

  private fromArray({ name, type, shape }: TensorMetadata, array: NpyArray): Runtime.Tensor {
    const found = typeCodes[array.typeCode] ?? array.typeCode;
    if (found !== type) {
      throw invalid(`The input ${name} takes ${type}, but its file holds ${found}.`);
    }
    const fits =
      array.shape.length === shape.length &&
      shape.every((dim, axis) => typeof dim === 'string' || dim === array.shape[axis]);
    if (!fits) {
      throw invalid(
        `The input ${name} has shape [${shape.join(', ')}], but its file [${array.shape.join(', ')}].`,
      );
    }
    return this.tensor(type, array.bytes, array.shape);
  }

  /** Floats are drawn from N(0, 1); integers, flags and indices are 0, which every table of indices has. */
  private drawn({ name, type, shape }: TensorMetadata, seed: number): Runtime.Tensor {
    const sizes = shape.map((dim, axis) =>
      typeof dim === 'number' ? dim : this.sizeOf(dim, axis, shape.length),
    );
    const count = elementCount(sizes);
    if (count > MAX_INPUT_ELEMENTS) {
      throw invalid(`The input ${name} would have ${count} elements (${sizes.join('×')}).`);
    }
    const dtype = floatTypes[type];
    const itemBytes = integerBytes[type];
    if (dtype !== undefined) {
      return this.tensor(type, encodeFloats(gaussianPatch(seed, count), dtype), sizes);
    }
    if (itemBytes !== undefined) return this.tensor(type, new Uint8Array(count * itemBytes), sizes);
    throw invalid(
      `The input ${name} holds ${type}, which cannot be made up; give it with --input ${name}=FILE.npy.`,
    );
  }

  private sizeOf(axisName: string, axis: number, rank: number): number {
    const chosen = this.params.axes.find(({ name }) => name === axisName);
    if (chosen !== undefined) return chosen.size;
    if (axis === 0 || /batch/i.test(axisName)) return 1;
    if (rank === 4) return GUESSED_IMAGE_SIZE;
    return rank === 5 ? GUESSED_VOLUME_SIZE : GUESSED_SEQUENCE_LENGTH;
  }

  private tensor(
    type: Runtime.Tensor.Type,
    bytes: Uint8Array,
    dims: readonly number[],
  ): Runtime.Tensor {
    return new this.ort.Tensor(type, typedArray(type, bytes) as Runtime.Tensor.DataType, dims);
  }
}

const floatTypes: Readonly<Record<string, 'f32' | 'f64' | 'f16' | undefined>> = {
  float32: 'f32',
  float64: 'f64',
  float16: 'f16',
};

const integerBytes: Readonly<Record<string, number | undefined>> = {
  int64: 8,
  uint64: 8,
  int32: 4,
  uint32: 4,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** The bytes in the typed array the runtime wants for an element type; `bytes` must be an array of its own. */
export function typedArray(type: string, bytes: Uint8Array) {
  const { buffer } = bytes.slice();
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'float16':
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint64':
      return new BigUint64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

/** @throws RuntimeFailure when a size is given for an axis that no input has. */
function assertAxesExist(
  inputs: readonly Runtime.InferenceSession.ValueMetadata[],
  axes: RunParams['axes'],
): void {
  const known = inputs.flatMap((input) =>
    input.isTensor ? input.shape.filter((dim) => typeof dim === 'string') : [],
  );
  const unknown = axes.find(({ name }) => !known.includes(name));
  if (unknown === undefined) return;
  const has =
    known.length === 0 ? 'all sizes are fixed' : `it has ${[...new Set(known)].join(', ')}`;
  throw invalid(`The network has no symbolic axis ${unknown.name}; ${has}.`);
}

function readInput(path: string, name: string): NpyArray {
  try {
    return readArray(path, name);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') throw invalid(`${path} does not exist.`, error);
    if (code === 'EISDIR') throw invalid(`${path} is a folder.`, error);
    if (code === 'EACCES') throw invalid(`${path} may not be read.`, error);
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function invalid(message: string, cause?: unknown): RuntimeFailure {
  return new RuntimeFailure('INPUT_INVALID', message, { cause });
}
