import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MemorySource, type ByteSource, type SiblingFiles } from '../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../src/core/errors';
import { foldPair } from '../../src/core/folding/foldPair';
import { openOnnx } from '../../src/core/formats/onnx/openOnnx';
import type { FoldMode, OpenedModel } from '../../src/core/model/openedModel';
import type { Pair } from '../../src/core/model/pair';
import { findGraphPairs } from '../../src/core/pairing/graph/findGraphPairs';
import { executePlan } from './executePlan';

/** Name of every fused model of the tests. */
export const FUSED = 'model.fused.onnx';

/** A model fused in memory, with what it was made from. */
export interface Fused {
  readonly original: OpenedModel;
  readonly pairs: readonly Pair[];
  /** Output files by name; the model is `FUSED`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly bytes: Uint8Array;
  /** The fused model, opened again. */
  readonly model: OpenedModel;
}

/** Opens an ONNX file of the disk, data files beside it included. */
export function openOnnxFile(path: string): OpenedModel {
  const siblings: SiblingFiles = {
    open: (relative) => {
      const file = join(dirname(path), relative);
      if (statSync(file, { throwIfNoEntry: false }) === undefined) {
        throw new ModelFormatError(`${relative} is missing`);
      }
      return sourceOf(file);
    },
  };
  return openOnnx(sourceOf(path), siblings);
}

/** Folds everything that is fusable under policy `all`, or the given pairs, and opens the result. */
export function fuse(
  original: OpenedModel,
  mode: FoldMode = 'fold',
  given?: readonly Pair[],
): Fused {
  const pairs = given ?? findGraphPairs(original, pairingOptions).pairs;
  const folds = pairs
    .filter(({ verdict }) => verdict === 'fusable')
    .map((pair) => foldPair(original, pair));
  const plan = original.plan(folds, { mode, outputName: FUSED });
  const files = executePlan(plan, original.sources);
  const bytes = files.get(FUSED)!;
  const model = openOnnx(new MemorySource(bytes, FUSED), {
    open: (name) => new MemorySource(files.get(name)!, name),
  });
  return { original, pairs, files, bytes, model };
}

const pairingOptions = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;

function sourceOf(path: string): ByteSource {
  return new MemorySource(new Uint8Array(readFileSync(path)), path);
}
