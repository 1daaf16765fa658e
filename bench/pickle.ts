/** A tensor of a made-up checkpoint: contiguous, in a storage of its own. */
export interface PickledTensor {
  readonly key: string;
  readonly storage: string;
  readonly type: 'FloatStorage' | 'LongStorage';
  readonly shape: readonly number[];
}

/** Pickle protocol 2 of an OrderedDict of tensors, as `torch.save` writes it. */
export function pickleStateDict(tensors: readonly PickledTensor[]): Uint8Array {
  return bytes(
    PROTO,
    2,
    emptyOrderedDict(),
    MARK,
    ...tensors.flatMap((tensor) => [text(tensor.key), ...rebuilt(tensor)]),
    SETITEMS,
    STOP,
  );
}

const [PROTO, MARK, STOP, REDUCE, TUPLE, BINPERSID] = [0x80, 0x28, 0x2e, 0x52, 0x74, 0x51];
const [EMPTY_TUPLE, NEWFALSE, SETITEMS, BINUNICODE, BININT, GLOBAL] = [
  0x29, 0x89, 0x75, 0x58, 0x4a, 0x63,
];

type Piece = number | Uint8Array;

/** `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks)` */
function rebuilt({ storage, type, shape }: PickledTensor): Piece[] {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, dim) => product * dim, 1),
  );
  const count = shape.reduce((product, dim) => product * dim, 1);
  return [
    global('torch._utils', '_rebuild_tensor_v2'),
    MARK,
    bytes(
      MARK,
      text('storage'),
      global('torch', type),
      text(storage),
      text('cpu'),
      int(count),
      TUPLE,
      BINPERSID,
    ),
    int(0),
    ints(shape),
    ints(strides),
    NEWFALSE,
    emptyOrderedDict(),
    TUPLE,
    REDUCE,
  ];
}

function emptyOrderedDict(): Uint8Array {
  return bytes(global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE);
}

function ints(values: readonly number[]): Uint8Array {
  return bytes(MARK, ...values.map(int), TUPLE);
}

function int(value: number): Uint8Array {
  return bytes(BININT, new Uint8Array(Int32Array.of(value).buffer));
}

function text(value: string): Uint8Array {
  const utf8 = new TextEncoder().encode(value);
  return bytes(BINUNICODE, new Uint8Array(Int32Array.of(utf8.length).buffer), utf8);
}

function global(module: string, name: string): Uint8Array {
  return bytes(GLOBAL, new TextEncoder().encode(`${module}\n${name}\n`));
}

function bytes(...pieces: readonly Piece[]): Uint8Array {
  return Buffer.concat(
    pieces.map((piece) => (typeof piece === 'number' ? Uint8Array.of(piece) : piece)),
  );
}
