import { ModelFormatError } from '../../../errors';
import type { AttributeValue, Graph, GraphNode, GraphValue } from '../../../model/network';
import type { Tensor } from '../../../model/tensor';
import { elementTypeName } from '../elementTypes';
import type { Declaration, Draft, GraphRecord, NodeRecord, TensorRecord } from '../records';
import { fieldNumbers, type Decoded } from '../schema';
import { asMessage, fieldsOf, type FieldSpan, type MessageSpan } from '../wire/fields';
import { cost, LIST_ELEMENTS_PER_UNIT, MAX_RANK, MAX_SUBGRAPH_DEPTH } from './limits';
import {
  constantOfNumbers,
  readAttribute,
  readSparseTensor,
  type ReadAttribute,
} from './readAttribute';
import { readLight, readSmall } from './readLight';
import { readTensor, type TensorContext } from './readTensor';

const nodeNumbers = fieldNumbers.node;
const nodeLight: ReadonlySet<number> = new Set([
  nodeNumbers.input,
  nodeNumbers.output,
  nodeNumbers.name,
  nodeNumbers.opType,
  nodeNumbers.domain,
]);
const functionNumbers = fieldNumbers.function;
/** A function's inputs and outputs are plain names, read with its head. */
const functionBody: BodyNumbers = {
  node: functionNumbers.node,
  valueInfo: functionNumbers.valueInfo,
};
const functionLight: ReadonlySet<number> = new Set([
  functionNumbers.name,
  functionNumbers.input,
  functionNumbers.output,
  functionNumbers.opsetImport,
  functionNumbers.domain,
  functionNumbers.overload,
]);
const none: readonly never[] = [];
const noAttributes: ReadonlyMap<string, AttributeValue> = new Map();

/** Where the parts of a body stand among the fields of a GraphProto or a FunctionProto. */
interface BodyNumbers {
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

/** Reads a FunctionProto: a body whose constants are nodes and whose inputs have no types. */
export function readFunction(ctx: TensorContext, span: MessageSpan): GraphRecord {
  const record = readBody(ctx, span, null, 'function', functionBody, 0);
  const light: FieldSpan[] = [];
  for (const field of fieldsOf(ctx.reader, span)) {
    if (!functionLight.has(field.number)) continue;
    ctx.budget.take(cost.field, field.start);
    light.push(field);
  }
  const head = readLight(ctx, 'Function', span, light);
  const { graph } = record;
  const domain = normalDomain(head.domain);
  const overload = head.overload ?? '';
  graph.scope = [domain, head.name ?? '', overload].filter((part) => part !== '').join(':');
  graph.inputs = head.input.map(untyped);
  graph.outputs = head.output.map(untyped);
  graph.opsets = readOpsets(head.opsetImport);
  return record;
}

/** Domain → version; `ai.onnx` is the long name of the default domain. */
export function readOpsets(imports: Decoded['Model']['opsetImport']): ReadonlyMap<string, number> {
  return new Map(imports.map(({ domain, version }) => [normalDomain(domain), version ?? 1]));
}

function normalDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

function untyped(name: string): GraphValue {
  return { name, elementType: null, shape: null };
}

function readBody(
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
  for (const field of fieldsOf(ctx.reader, span)) {
    switch (field.number) {
      case numbers.node: {
        const node = readNode(ctx, asMessage(field, span), record, depth);
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
  return record;
}

function readValue(ctx: TensorContext, span: MessageSpan, into: Declaration[]): GraphValue {
  const { name: ownName = '', type } = readSmall(ctx, 'Value', span);
  const tensorType = type?.tensorType;
  const dims = tensorType?.shape?.dim;
  if (dims !== undefined && dims.length > MAX_RANK) {
    throw new ModelFormatError(
      `value ${ownName} has ${dims.length} dimensions, above ${MAX_RANK}`,
      span.start,
    );
  }
  ctx.budget.take(cost.value + (dims?.length ?? 0) / LIST_ELEMENTS_PER_UNIT, span.start);
  const name = ctx.names.one(ownName);
  into.push({ name, field: span, parameters: none });
  return {
    name,
    elementType: elementTypeName(tensorType?.elemType ?? 0),
    shape:
      dims === undefined
        ? null
        : dims.map(({ dimValue, dimParam }) => {
            if (dimParam !== undefined && dimParam !== '') return ctx.names.one(dimParam);
            return dimValue === undefined || dimValue < 0 ? null : dimValue;
          }),
  };
}

function readNode(
  ctx: TensorContext,
  span: MessageSpan,
  graph: GraphRecord,
  depth: number,
): NodeRecord {
  ctx.budget.take(cost.node, span.start);
  const light: FieldSpan[] = [];
  const attributes: ReadAttribute[] = [];
  for (const field of fieldsOf(ctx.reader, span)) {
    if (nodeLight.has(field.number)) {
      ctx.budget.take(cost.field, field.start);
      light.push(field);
    } else if (field.number === nodeNumbers.attribute) {
      attributes.push(readAttribute(ctx, asMessage(field, span)));
    }
  }
  const head = readLight(ctx, 'Node', span, light);
  const subgraphs: GraphRecord[] = [];
  for (const { name, graphs } of attributes) {
    for (const [idx, body] of graphs.entries()) {
      const subgraph = readGraph(ctx, body, graph, depth + 1);
      subgraph.graph.scope = graphs.length === 1 ? name : `${name}[${idx}]`;
      subgraphs.push(subgraph);
    }
  }
  const opType = ctx.names.one(head.opType ?? '');
  const ownName = ctx.names.one(head.name ?? '');
  const domain = normalDomain(head.domain);
  const constant = opType === 'Constant' && domain === '' ? constantOf(attributes, head) : null;
  const node: Draft<GraphNode> = {
    name: ownName,
    opType,
    domain,
    inputs: ctx.names.all(head.input),
    outputs: ctx.names.all(head.output),
    attributes:
      attributes.length === 0
        ? noAttributes
        : new Map(attributes.map(({ name, value }) => [name, value])),
    subgraphs: subgraphs.length === 0 ? none : subgraphs.map((subgraph) => subgraph.graph),
  };
  if (constant !== null) node.constant = constant.tensor;
  return {
    node,
    ownName,
    span,
    graph,
    subgraphs: subgraphs.length === 0 ? none : subgraphs,
    constant,
  };
}

/** The tensor of a Constant node, named by the node's output: the tensor's own name means nothing there. */
function constantOf(
  attributes: readonly ReadAttribute[],
  { output }: Decoded['Node'],
): Draft<TensorRecord> | null {
  for (const attribute of attributes) {
    const found = attribute.name === 'value' ? attribute.tensor : constantOfNumbers(attribute);
    if (found === null) continue;
    const valueName = output[0] ?? '';
    found.tensor.name = valueName;
    found.valueName = valueName;
    return found;
  }
  return null;
}
