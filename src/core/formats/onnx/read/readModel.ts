import type { ByteSource } from '../../../bytes/byteSource';
import { ModelFormatError } from '../../../errors';
import type { GraphRecord, OnnxRecord, TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { asMessage, fieldsOf, rootMessage, type FieldSpan, type MessageSpan } from '../wire/fields';
import { WireReader } from '../wire/wireReader';
import type { DataFiles } from './dataFiles';
import { giveNames, graphsBelow } from './giveNames';
import { Budget, cost } from './limits';
import { NamePool } from './namePool';
import { readFunction } from './readFunction';
import { readGraph } from './readGraph';
import { readOpsets } from './readOpsets';
import { readLight, readSmall } from './readLight';
import type { TensorContext } from './readTensor';

const numbers = fieldNumbers.model;
const lightFields: ReadonlySet<number> = new Set([
  numbers.irVersion,
  numbers.producerName,
  numbers.producerVersion,
  numbers.opsetImport,
]);

export interface ReadModel {
  readonly record: OnnxRecord;
  readonly producer: string | null;
}

/**
 * Reads a ModelProto by its structure.
 * @throws ModelFormatError when the file is no ONNX model, damaged, or larger in structure than any real one.
 */
export function readModel(source: ByteSource, dataFiles: DataFiles): ReadModel {
  const externalTensors: TensorRecord[] = [];
  const ctx: TensorContext = {
    reader: new WireReader(source),
    budget: new Budget(),
    names: new NamePool(),
    dataFiles,
    externalTensors,
  };
  const root = rootMessage(source.sizeBytes);
  const light: FieldSpan[] = [];
  const functions: GraphRecord[] = [];
  const training: MessageSpan[] = [];
  let main: GraphRecord | null = null;
  for (const field of fieldsOf(ctx.reader, root)) {
    if (lightFields.has(field.number)) {
      ctx.budget.take(cost.import, field.start);
      light.push(field);
    } else if (field.number === numbers.graph) {
      if (main !== null) {
        throw new ModelFormatError('the ONNX file holds two graphs', field.start);
      }
      main = readGraph(ctx, asMessage(field, root), null);
    } else if (field.number === numbers.functions) {
      functions.push(readFunction(ctx, asMessage(field, root)));
    } else if (field.number === numbers.trainingInfo) {
      training.push(asMessage(field, root));
    }
  }
  if (main === null) {
    throw new ModelFormatError('the file is not an ONNX model: it holds no graph');
  }
  const head = readLight(ctx, 'Model', root, light);
  const graphs = [main, ...functions];
  giveNames(graphs);
  const { hiddenGraphs, boundNames } = readTraining(ctx, training, main);
  if (training.length > 0) main.graph.readElsewhere = [...boundNames, ...readNames(hiddenGraphs)];
  const record: OnnxRecord = {
    root,
    graphs,
    hiddenGraphs,
    boundNames,
    externalTensors,
    irVersion: head.irVersion ?? 1,
    opsets: readOpsets(head.opsetImport),
  };
  const producer = [head.producerName, head.producerVersion].filter(Boolean).join(' ');
  return { record, producer: producer === '' ? null : producer };
}

/** Names that any node of the graphs or of bodies inside them reads, their own values included. */
function readNames(graphs: readonly GraphRecord[]): readonly string[] {
  const names = [...graphsBelow(graphs)].flatMap(({ nodes, graph }) => [
    ...nodes.flatMap(({ node }) => node.inputs),
    ...graph.outputs.map(({ name }) => name),
  ]);
  return [...new Set(names)];
}

/** Training graphs are nothing to fold, but what they use must stay. */
function readTraining(
  ctx: TensorContext,
  training: readonly MessageSpan[],
  main: GraphRecord,
): Pick<OnnxRecord, 'hiddenGraphs' | 'boundNames'> {
  const { initialization, algorithm, initializationBinding, updateBinding } = fieldNumbers.training;
  const hiddenGraphs: GraphRecord[] = [];
  const boundNames: string[] = [];
  for (const span of training) {
    for (const field of fieldsOf(ctx.reader, span)) {
      if (field.number === initialization || field.number === algorithm) {
        hiddenGraphs.push(readGraph(ctx, asMessage(field, span), main, 1));
      } else if (field.number === initializationBinding || field.number === updateBinding) {
        ctx.budget.take(cost.field, field.start);
        boundNames.push(readSmall(ctx, 'Entry', asMessage(field, span)).key ?? '');
      }
    }
  }
  return { hiddenGraphs, boundNames };
}
