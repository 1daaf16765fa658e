import type { ByteSource } from '../../../bytes/byteSource';
import type { OutputPlan } from '../../../bytes/outputPlan';
import { UnsupportedModelError } from '../../../errors';
import type { Fold } from '../../../model/fold';
import type { PlanOptions } from '../../../model/openedModel';
import { nodesBelow } from '../read/giveNames';
import type { OnnxRecord } from '../records';
import type { WireReader } from '../wire/wireReader';
import { planDataFiles, retargetTensors } from './dataFiles';
import { Definitions } from './definitions';
import { findOverlapping } from './findOverlapping';
import { foldAndKeep } from './foldAndKeep';
import { foldAndRemove } from './foldAndRemove';
import { nodeEdits } from './nodeChange';
import { findPairNodes } from './pairNodes';
import { totalLength } from './protoPieces';
import { Removal } from './removal';
import { splice, type Edit } from './splice';
import type { WriteContext } from './writeContext';

/** Protobuf refuses messages of 2 GiB and more. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;

/**
 * The fused model as pieces over the original: what no fold touches is copied byte for byte.
 * @throws ModelFormatError when a weight cannot be read; RequestError when a pair does not fit the model.
 */
export function planFolds(
  record: OnnxRecord,
  sources: readonly ByteSource[],
  reader: WireReader,
  folds: readonly Fold[],
  options: PlanOptions,
): OutputPlan {
  const definitions = new Definitions(record);
  const edits: Edit[] = [];
  const dataFiles = planDataFiles(record, sources, options.outputName);
  const ctx: WriteContext = {
    record,
    reader,
    definitions,
    removal: new Removal(definitions, edits),
    edits,
    nodeChanges: new Map(),
    dataFiles,
    overlapping: findOverlapping(record.externalTensors),
  };
  const nodesByName = new Map([...nodesBelow(record.graphs)].map((node) => [node.node.name, node]));
  // A fold behind another BatchNorm holds that one's as well.
  const held = new Set(folds.map(({ pair }) => pair.foldsAfter));
  for (const fold of folds) {
    if (held.has(fold.pair.id)) continue;
    const nodes = findPairNodes(nodesByName, definitions, fold.pair);
    if (options.mode === 'drop-in') foldAndKeep(ctx, fold, nodes);
    else foldAndRemove(ctx, fold, nodes);
  }
  for (const [node, change] of ctx.nodeChanges) edits.push(...nodeEdits(reader, node, change));
  const writtenFiles = retargetTensors(ctx);
  const pieces = splice(record.root, edits);
  if (totalLength(pieces) > MAX_MODEL_BYTES && record.root.end <= MAX_MODEL_BYTES) {
    throw new UnsupportedModelError(
      'the fused model would exceed the 2 GiB that an ONNX file can have: keep its weights as external data',
    );
  }
  return {
    files: [
      { name: options.outputName, pieces, checksums: [] },
      ...writtenFiles.map((file) => file.outputFile()),
    ],
  };
}
