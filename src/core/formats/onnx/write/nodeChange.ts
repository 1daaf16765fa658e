import type { Piece } from '../../../bytes/outputPlan';
import type { NodeRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { fieldsOf, type FieldSpan } from '../wire/fields';
import type { WireReader } from '../wire/wireReader';
import { textField } from './protoPieces';
import type { Edit } from './splice';

const numbers = fieldNumbers.node;

/** What is to be different about one node; everything not named keeps its bytes. */
export interface NodeChange {
  /** New input names by position; positions in between that did not exist become absent inputs. */
  readonly inputs: Map<number, string>;
  /** New name of the first output. */
  output?: string;
  opType?: string;
  /** Attributes to add, each as the fields of a NodeProto. */
  readonly attributes: Piece[];
}

/** The edits that make a change. */
export function nodeEdits(reader: WireReader, { span }: NodeRecord, change: NodeChange): Edit[] {
  const fields = [...fieldsOf(reader, span)];
  const numbered = (number: number): FieldSpan[] =>
    fields.filter((field) => field.number === number);
  const edits: Edit[] = [];
  const put = (start: number, end: number, pieces: readonly Piece[]): void => {
    edits.push({ within: span, start, end, pieces });
  };
  const replace = (field: FieldSpan | undefined, text: string | undefined): void => {
    if (field === undefined || text === undefined) return;
    put(field.start, field.end, textField(field.number, text));
  };
  const inputs = numbered(numbers.input);
  const inputsEnd = inputs.at(-1)?.end ?? span.from;
  const added: Piece[] = [];
  const last = Math.max(-1, ...change.inputs.keys());
  for (let idx = 0; idx <= last; idx++) {
    const name = change.inputs.get(idx);
    const field = inputs[idx];
    if (field === undefined) added.push(...textField(numbers.input, name ?? ''));
    else replace(field, name);
  }
  if (added.length > 0) put(inputsEnd, inputsEnd, added);
  replace(numbered(numbers.output)[0], change.output);
  replace(numbered(numbers.opType).at(-1), change.opType);
  if (change.attributes.length > 0) put(span.end, span.end, change.attributes);
  return edits;
}
