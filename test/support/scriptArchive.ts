import { concatBytes } from '../../src/core/bytes/concatBytes';
import { op } from '../../src/core/formats/pickle/opcodes';
import {
  pickleBool,
  pickleGlobal,
  pickleInt,
  pickleNone,
  pickleText,
  pickleTuple,
} from '../../src/core/formats/pickle/pickleBytes';
import { tensorExpression } from '../../src/core/formats/torch/torchBytes';
import type { TorchTensor } from '../../src/core/formats/torch/torchTensor';
import { contiguousStrides, elementCount } from '../../src/core/model/tensor';
import { zipBytes, type ZipSketch } from './zipBytes';

/** A module of a TorchScript archive: its class, and its attributes: shapes of tensors, plain values, children. */
export interface ScriptSketch {
  readonly className: string;
  readonly attributes?: Readonly<
    Record<string, number | boolean | null | readonly number[] | ScriptSketch>
  >;
}

/**
 * Builds a TorchScript archive around code. `code` is the text of `__torch__.py`; every float32 tensor holds the
 * numbers 1, 2, 3 … divided by 8.
 */
export function scriptArchive(code: string, root: ScriptSketch): Uint8Array {
  const storages: ZipSketch[] = [];
  const objectOf = ({ className, attributes = {} }: ScriptSketch): Uint8Array => {
    const entries = Object.entries(attributes).map(([key, value]) =>
      concatBytes([pickleText(key), valueOf(value)]),
    );
    return concatBytes([
      pickleGlobal('__torch__', className),
      Uint8Array.of(op.EMPTY_TUPLE, op.NEWOBJ, op.EMPTY_DICT, op.MARK),
      ...entries,
      Uint8Array.of(op.SETITEMS, op.BUILD),
    ]);
  };
  const valueOf = (value: unknown): Uint8Array => {
    if (value === null) return pickleNone;
    if (typeof value === 'boolean') return pickleBool(value, 2);
    if (typeof value === 'number') return pickleInt(value);
    return Array.isArray(value) ? tensorOf(value as number[]) : objectOf(value as ScriptSketch);
  };
  const tensorOf = (shape: readonly number[]): Uint8Array => {
    const key = String(storages.length);
    const count = elementCount(shape);
    const values = Float32Array.from({ length: count }, (_, idx) => (idx + 1) / 8);
    storages.push({ name: `net/data/${key}`, data: new Uint8Array(values.buffer) });
    const like = { storage: { location: 'cpu' }, parameter: null } as unknown as TorchTensor;
    return tensorExpression(
      { key, dtype: 'f32', count, shape, strides: contiguousStrides(shape), like },
      { protocol: 2, hasView: false },
    );
  };
  const data = concatBytes([Uint8Array.of(op.PROTO, 2), objectOf(root), Uint8Array.of(op.STOP)]);
  const constants = concatBytes([
    Uint8Array.of(op.PROTO, 2),
    pickleTuple(),
    Uint8Array.of(op.STOP),
  ]);
  return zipBytes([
    { name: 'net/data.pkl', data },
    { name: 'net/constants.pkl', data: constants },
    { name: 'net/code/__torch__.py', data: new Uint8Array(Buffer.from(code)), isDeflated: true },
    ...storages,
  ]);
}
