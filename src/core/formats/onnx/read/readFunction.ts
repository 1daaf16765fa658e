import type { GraphValue } from '../../../model/network';
import type { GraphRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { fieldsOf, type FieldSpan, type MessageSpan } from '../wire/fields';
import { cost } from './limits';
import { readBody, type BodyNumbers } from './readGraph';
import { readLight } from './readLight';
import { normalDomain, readOpsets } from './readOpsets';
import type { TensorContext } from './readTensor';

const numbers = fieldNumbers.function;
/** A function's inputs and outputs are plain names, read with its head. */
const body: BodyNumbers = { node: numbers.node, valueInfo: numbers.valueInfo };
const lightFields: ReadonlySet<number> = new Set([
  numbers.name,
  numbers.input,
  numbers.output,
  numbers.opsetImport,
  numbers.domain,
  numbers.overload,
]);

/** Reads a FunctionProto: a body whose constants are nodes and whose inputs have no types. */
export function readFunction(ctx: TensorContext, span: MessageSpan): GraphRecord {
  const record = readBody(ctx, span, null, 'function', body, 0);
  const light: FieldSpan[] = [];
  for (const field of fieldsOf(ctx.reader, span)) {
    if (!lightFields.has(field.number)) continue;
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

function untyped(name: string): GraphValue {
  return { name, elementType: null, shape: null };
}
