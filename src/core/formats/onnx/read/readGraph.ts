import { ModelFormatError } from '../../../errors';
import type { Graph, GraphNode, GraphValue } from '../../../model/network';
import type { Tensor } from '../../../model/tensor';
import type { Declaration, Draft, GraphRecord, NodeRecord, TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { asMessage, fieldsOf, type MessageSpan } from '../wire/fields';
import { cost, MAX_SUBGRAPH_DEPTH } from './limits';
import { readSparseTensor } from './readAttribute';
import { readSmall } from './readLight';
import { readNode } from './readNode';
import { readTensor, type TensorContext } from './readTensor';
import { readValue } from './readValue';

/** Where the parts of a body stand among the fields of a GraphProto or a FunctionProto. */
export interface BodyNumbers {
  readonly node: number;
  readonly valueInfo: number;
  readonly initializer?: number;
  readonly sparseInitializer?: number;
  readonly input?: number;
  readonly output?: number;
  readonly quantizationAnnotation?: number;
}

/** Reads a GraphProto with everything below it. Names that must be unique over the model are given later. */
export function readGraph(
  ctx: TensorContext,
  span: MessageSpan,
  parent: GraphRecord | null,
  depth = 0,
): GraphRecord {
  if (depth > MAX_SUBGRAPH_DEPTH) {
    throw new ModelFormatError(
      `the ONNX file nests subgraphs more than ${MAX_SUBGRAPH_DEPTH} deep`,
      span.start,
    );
  }
  const kind = parent === null ? 'main' : 'subgraph';
  return readBody(ctx, span, parent, kind, fieldNumbers.graph, depth);
}

/** Reads what a GraphProto and a FunctionProto have in common. */
export function readBody(
  ctx: TensorContext,
  span: MessageSpan,
  parent: GraphRecord | null,
  kind: Graph['kind'],
  numbers: BodyNumbers,
  depth: number,
): GraphRecord {
  ctx.budget.take(cost.graph, span.start);
  const nodes: NodeRecord[] = [];
  const publicNodes: GraphNode[] = [];
  const initializers = new Map<string, TensorRecord>();
  const publicInitializers = new Map<string, Tensor>();
  const sparseNames: string[] = [];
  const inputs: Declaration[] = [];
  const values: Declaration[] = [];
  const annotations: Declaration[] = [];
  const publicInputs: GraphValue[] = [];
  const publicOutputs: GraphValue[] = [];
  const publicValues = new Map<string, GraphValue>();
  const graph: Draft<Graph> = {
    scope: '',
    kind,
    nodes: publicNodes,
    inputs: publicInputs,
    outputs: publicOutputs,
    initializers: publicInitializers,
    values: publicValues,
  };
  const record: GraphRecord = {
    graph,
    span,
    parent,
    nodes,
    initializers,
    sparseNames,
    inputs,
    values,
    annotations,
  };
  const readSubgraph = (inner: MessageSpan): GraphRecord =>
    readGraph(ctx, inner, record, depth + 1);
  for (const field of fieldsOf(ctx.reader, span)) {
    switch (field.number) {
      case numbers.node: {
        const node = readNode(ctx, asMessage(field, span), record, readSubgraph);
        nodes.push(node);
        publicNodes.push(node.node);
        break;
      }
      case numbers.initializer: {
        const tensor = readTensor(ctx, asMessage(field, span));
        initializers.set(tensor.valueName, tensor);
        publicInitializers.set(tensor.valueName, tensor.tensor);
        break;
      }
      case numbers.sparseInitializer:
        ctx.budget.take(cost.field, field.start);
        sparseNames.push(readSparseTensor(ctx, asMessage(field, span)));
        break;
      case numbers.input:
        publicInputs.push(readValue(ctx, asMessage(field, span), inputs));
        break;
      case numbers.output:
        publicOutputs.push(readValue(ctx, asMessage(field, span), []));
        break;
      case numbers.valueInfo: {
        const value = readValue(ctx, asMessage(field, span), values);
        publicValues.set(value.name, value);
        break;
      }
      case numbers.quantizationAnnotation: {
        ctx.budget.take(cost.value, field.start);
        const { tensorName, parameters } = readSmall(ctx, 'Annotation', asMessage(field, span));
        annotations.push({
          name: ctx.names.one(tensorName ?? ''),
          field,
          parameters: parameters.map(({ value }) => {
            ctx.budget.take(cost.field, field.start);
            return ctx.names.one(value ?? '');
          }),
        });
        break;
      }
    }
  }
  if (sparseNames.length > 0) graph.sparseInitializers = sparseNames;
  return record;
}
