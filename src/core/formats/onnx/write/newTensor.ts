import type { Piece } from '../../../bytes/outputPlan';
import type { GraphRecord, NodeRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { delimitedField, textField, varintField } from './protoPieces';
import type { WriteContext } from './writeContext';

/** A tensor to be added to a graph. */
export interface NewTensor {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly number[];
  readonly values:
    | { readonly kind: 'inline'; readonly piece: Piece }
    | {
        readonly kind: 'external';
        readonly file: string;
        readonly offset: number;
        readonly length: number;
      };
}

const TENSOR_ATTRIBUTE = 4;
const EXTERNAL = 1;
/** From here on an initializer need not be an input of its graph. */
const FIRST_IR_WITHOUT_INPUTS = 4;

/**
 * Adds a constant that `reader`, a node of `graph`, can use: an initializer where the graph may have one, else a
 * Constant node in front of the reader. Function bodies have no initializers, and in IR version 3 those of a
 * subgraph would have to be inputs that nobody feeds.
 */
export function addTensor(
  { record, edits }: WriteContext,
  graph: GraphRecord,
  reader: NodeRecord,
  tensor: NewTensor,
): void {
  const { span } = graph;
  const insert = (at: number, pieces: readonly Piece[]): void => {
    edits.push({ within: span, start: at, end: at, pieces });
  };
  const { kind } = graph.graph;
  const isOld = record.irVersion < FIRST_IR_WITHOUT_INPUTS;
  if (kind === 'function' || (kind === 'subgraph' && isOld)) {
    const { node } = kind === 'function' ? fieldNumbers.function : fieldNumbers.graph;
    insert(reader.span.start, delimitedField(node, constantNode(tensor)));
    return;
  }
  const last = [...graph.initializers.values()].at(-1);
  const { initializer, input } = fieldNumbers.graph;
  insert(last?.span.end ?? span.end, delimitedField(initializer, tensorProto(tensor)));
  if (isOld) {
    insert(graph.inputs.at(-1)?.field.end ?? span.end, delimitedField(input, valueInfo(tensor)));
  }
}

function tensorProto({ name, elementType, shape, values }: NewTensor): Piece[] {
  const { tensor: numbers, entry } = fieldNumbers;
  const head = [
    ...shape.flatMap((dim) => varintField(numbers.dims, dim)),
    ...varintField(numbers.dataType, elementType),
    ...textField(numbers.name, name),
  ];
  if (values.kind === 'inline') {
    return [...head, ...delimitedField(numbers.rawData, [values.piece])];
  }
  const entries = [
    ['location', values.file],
    ['offset', String(values.offset)],
    ['length', String(values.length)],
  ] as const;
  return [
    ...head,
    ...entries.flatMap(([key, value]) =>
      delimitedField(numbers.externalData, [
        ...textField(entry.key, key),
        ...textField(entry.value, value),
      ]),
    ),
    ...varintField(numbers.dataLocation, EXTERNAL),
  ];
}

function constantNode(tensor: NewTensor): Piece[] {
  const { node, attribute } = fieldNumbers;
  const value = [
    ...textField(attribute.name, 'value'),
    ...delimitedField(attribute.t, tensorProto(tensor)),
    ...varintField(attribute.type, TENSOR_ATTRIBUTE),
  ];
  return [
    ...textField(node.output, tensor.name),
    ...textField(node.opType, 'Constant'),
    ...delimitedField(node.attribute, value),
  ];
}

function valueInfo({ name, elementType, shape }: NewTensor): Piece[] {
  const { value, valueType, tensorType, shape: shapeNumbers, dimension } = fieldNumbers;
  const dims = shape.flatMap((dim) =>
    delimitedField(shapeNumbers.dim, varintField(dimension.dimValue, dim)),
  );
  const type = [
    ...varintField(tensorType.elemType, elementType),
    ...delimitedField(tensorType.shape, dims),
  ];
  return [
    ...textField(value.name, name),
    ...delimitedField(value.type, delimitedField(valueType.tensorType, type)),
  ];
}

/** An attribute with one integer, as a field of a NodeProto. */
export function intAttribute(name: string, value: number): Piece[] {
  const { node, attribute } = fieldNumbers;
  const INT_ATTRIBUTE = 2;
  return delimitedField(node.attribute, [
    ...textField(attribute.name, name),
    ...varintField(attribute.i, value),
    ...varintField(attribute.type, INT_ATTRIBUTE),
  ]);
}
