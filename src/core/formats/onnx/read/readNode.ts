import { ModelFormatError } from '../../../errors';
import type { AttributeValue, GraphNode } from '../../../model/network';
import { fieldNumbers } from '../fieldNumbers';
import type { Decoded } from '../schema';
import type { Draft, GraphRecord, NodeRecord, TensorRecord } from '../records';
import { asMessage, fieldsOf, type FieldSpan, type MessageSpan } from '../wire/fields';
import { cost, MAX_NODE_FIELDS } from './limits';
import { constantOfNumbers, readAttribute, type ReadAttribute } from './readAttribute';
import { readLight } from './readLight';
import { normalDomain } from './readOpsets';
import type { TensorContext } from './readTensor';

const numbers = fieldNumbers.node;
const lightFields: ReadonlySet<number> = new Set([
  numbers.input,
  numbers.output,
  numbers.name,
  numbers.opType,
  numbers.domain,
]);
const none: readonly never[] = [];
const noAttributes: ReadonlyMap<string, AttributeValue> = new Map();

/** Reads a body of If, Loop or Scan. */
export type ReadSubgraph = (span: MessageSpan) => GraphRecord;

/** Reads a NodeProto; bodies inside it are left to `readSubgraph`, who knows how deep it is. */
export function readNode(
  ctx: TensorContext,
  span: MessageSpan,
  graph: GraphRecord,
  readSubgraph: ReadSubgraph,
): NodeRecord {
  ctx.budget.take(cost.node, span.start);
  const light: FieldSpan[] = [];
  const attributes: ReadAttribute[] = [];
  for (const field of fieldsOf(ctx.reader, span)) {
    if (lightFields.has(field.number)) {
      ctx.budget.take(cost.field, field.start);
      light.push(field);
      if (light.length > MAX_NODE_FIELDS) {
        throw new ModelFormatError(
          `a node of the ONNX file has more than ${MAX_NODE_FIELDS} inputs and outputs`,
          span.start,
        );
      }
    } else if (field.number === numbers.attribute) {
      attributes.push(readAttribute(ctx, asMessage(field, span)));
    }
  }
  const head = readLight(ctx, 'Node', span, light);
  const subgraphs: GraphRecord[] = [];
  for (const { name, graphs } of attributes) {
    for (const [idx, body] of graphs.entries()) {
      const subgraph = readSubgraph(body);
      subgraph.graph.scope = graphs.length === 1 ? name : `${name}[${idx}]`;
      subgraphs.push(subgraph);
    }
  }
  const opType = ctx.names.one(head.opType ?? '');
  const ownName = ctx.names.one(head.name ?? '');
  const domain = normalDomain(head.domain);
  const byName = attributesByName(attributes);
  const isConstant = opType === 'Constant' && domain === '' && byName.size === attributes.length;
  const constant = isConstant ? constantOf(attributes, head) : null;
  const node: Draft<GraphNode> = {
    name: ownName,
    opType,
    domain,
    inputs: ctx.names.all(head.input),
    outputs: ctx.names.all(head.output),
    attributes: byName,
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

/** Values by name. Of a name that stands twice one runtime takes the first, another the last: it has no value here. */
function attributesByName(
  attributes: readonly ReadAttribute[],
): ReadonlyMap<string, AttributeValue> {
  if (attributes.length === 0) return noAttributes;
  const byName = new Map<string, AttributeValue>();
  for (const { name, value } of attributes) {
    byName.set(name, byName.has(name) ? { kind: 'other' } : value);
  }
  return byName;
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
