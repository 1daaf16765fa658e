/** ONNX files by hand, byte by byte: the smallest input that shows a behaviour, and files no library would write. */
export type Bytes = Uint8Array | readonly number[];

export function join(...parts: readonly Bytes[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
}

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/** A message, string or bytes field. */
export function sub(field: number, ...parts: readonly Bytes[]): Uint8Array {
  const payload = join(...parts);
  return join(varint(field * 8 + 2), varint(payload.length), payload);
}

export function text(field: number, value: string): Uint8Array {
  return sub(field, new TextEncoder().encode(value));
}

export function int(field: number, value: number | bigint): Uint8Array {
  return join(varint(field * 8), varint(value));
}

export function fixed32(field: number, value: number): Uint8Array {
  return join(varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer));
}

export function repeat(part: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(part.length * count);
  for (let idx = 0; idx < count; idx++) bytes.set(part, idx * part.length);
  return bytes;
}

/** ONNX's numbers of element types. */
export const elements = {
  f32: 1,
  u8: 2,
  i8: 3,
  i32: 6,
  i64: 7,
  string: 8,
  bool: 9,
  f16: 10,
  f64: 11,
  bf16: 16,
} as const;

/** A TensorProto without its tag; `payload` is any of its fields. */
export function tensorProto(
  name: string,
  dims: readonly number[],
  type: keyof typeof elements,
  ...payload: readonly Bytes[]
): Uint8Array {
  return join(...dims.map((dim) => int(1, dim)), int(2, elements[type]), text(8, name), ...payload);
}

export function raw(values: readonly number[]): Uint8Array {
  return sub(9, new Uint8Array(Float32Array.from(values).buffer));
}

/** `external_data` entries and the mark that they count. */
export function external(entries: Readonly<Record<string, string | number>>): Uint8Array {
  return join(
    ...Object.entries(entries).map(([key, value]) => sub(13, text(1, key), text(2, String(value)))),
    int(14, 1),
  );
}

/** An f32 initializer, as a field of a GraphProto. */
export function initializer(
  name: string,
  dims: readonly number[],
  values: readonly number[],
): Uint8Array {
  return sub(5, tensorProto(name, dims, 'f32', raw(values)));
}

export interface NodeGiven {
  readonly name?: string;
  readonly domain?: string;
  /** AttributeProtos as fields of the node, and anything else. */
  readonly more?: readonly Bytes[];
  /** 1 in a graph, 7 in a function. */
  readonly field?: number;
}

/** A NodeProto, as a field of a GraphProto. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { name, domain, more = [], field = 1 }: NodeGiven = {},
): Uint8Array {
  return sub(
    field,
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    ...(name === undefined ? [] : [text(3, name)]),
    text(4, opType),
    ...(domain === undefined ? [] : [text(7, domain)]),
    ...more,
  );
}

/** AttributeProtos, as fields of a NodeProto. */
export const attribute = {
  int: (name: string, value: number | bigint) => sub(5, text(1, name), int(3, value), int(20, 2)),
  float: (name: string, value: number) => sub(5, text(1, name), fixed32(2, value), int(20, 1)),
  string: (name: string, value: string) => sub(5, text(1, name), text(4, value), int(20, 3)),
  ints: (name: string, values: readonly number[]) =>
    sub(5, text(1, name), ...values.map((value) => int(8, value)), int(20, 7)),
  floats: (name: string, values: readonly number[]) =>
    sub(5, text(1, name), ...values.map((value) => fixed32(7, value)), int(20, 6)),
  tensor: (name: string, proto: Uint8Array) => sub(5, text(1, name), sub(5, proto), int(20, 4)),
  graph: (name: string, ...parts: readonly Bytes[]) =>
    sub(5, text(1, name), sub(6, ...parts), int(20, 5)),
  reference: (name: string, from: string) => sub(5, text(1, name), text(21, from), int(20, 1)),
} as const;

/** A ValueInfoProto; strings are symbolic dimensions. */
export function value(
  field: number,
  name: string,
  dims?: readonly (number | string)[],
): Uint8Array {
  const shape =
    dims === undefined
      ? []
      : [
          sub(
            2,
            ...dims.map((dim) => sub(1, typeof dim === 'number' ? int(1, dim) : text(2, dim))),
          ),
        ];
  return sub(field, text(1, name), sub(2, sub(1, int(1, elements.f32), ...shape)));
}

export const input = (name: string, dims?: readonly (number | string)[]): Uint8Array =>
  value(11, name, dims);
export const output = (name: string, dims?: readonly (number | string)[]): Uint8Array =>
  value(12, name, dims);
export const valueInfo = (name: string, dims?: readonly (number | string)[]): Uint8Array =>
  value(13, name, dims);

export interface ModelGiven {
  readonly irVersion?: number;
  readonly opset?: number;
  readonly more?: readonly Bytes[];
}

/** A ModelProto around the fields of its graph. */
export function model(
  graph: readonly Bytes[],
  { irVersion = 8, opset = 17, more = [] }: ModelGiven = {},
): Uint8Array {
  return join(
    int(1, irVersion),
    text(2, 'byhand'),
    sub(7, text(2, 'main'), ...graph),
    sub(8, text(1, ''), int(2, opset)),
    ...more,
  );
}

/** A small Conv, and the BatchNormalization behind it, as fields of a graph; names start with `prefix`. */
export function convAndBn(
  prefix: string,
  from: string,
  to: string,
  options: { readonly bias?: boolean; readonly weight?: string; readonly field?: number } = {},
): { readonly nodes: Uint8Array[]; readonly parameters: Uint8Array[] } {
  const { bias = false, weight = `${prefix}.weight`, field = 1 } = options;
  const middle = `${prefix}_out`;
  const statistics = ['gamma', 'beta', 'mean', 'var'].map((name) => `${prefix}.bn.${name}`);
  const [gamma = '', beta = '', mean = '', variance = ''] = statistics;
  return {
    nodes: [
      node('Conv', [from, weight, ...(bias ? [`${prefix}.bias`] : [])], [middle], {
        name: `${prefix}.conv`,
        field,
      }),
      node('BatchNormalization', [middle, ...statistics], [to], {
        name: `${prefix}.bn`,
        field,
        more: [attribute.float('epsilon', 1e-3)],
      }),
    ],
    parameters: [
      ...(options.weight === undefined ? [initializer(weight, [2, 1, 1, 1], [0.75, -1.25])] : []),
      ...(bias ? [initializer(`${prefix}.bias`, [2], [0.5, -0.25])] : []),
      initializer(gamma, [2], [1.5, -0.5]),
      initializer(beta, [2], [0.125, 2]),
      initializer(mean, [2], [-0.3, 0.7]),
      initializer(variance, [2], [0.9, 0.04]),
    ],
  };
}
