import type { ByteSource } from '../../bytes/byteSource';
import { concatBytes } from '../../bytes/concatBytes';
import type { OutputFile } from '../../bytes/outputPlan';
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError, UnsupportedModelError } from '../../errors';
import { itemSize, type Tensor } from '../../model/tensor';
import type { FoldChanges } from '../stateDict/foldChanges';
import { jsonEntry, parseSpannedJson, withEntries, type JsonObject } from './spannedJson';
import { biasKey } from './writeFile';

/** The index of a model in several files: which tensor is in which. */
export interface ShardIndex {
  readonly source: ByteSource;
  readonly text: string;
  readonly root: JsonObject;
  readonly weightMap: JsonObject;
  /** File names, sorted. */
  readonly shards: readonly string[];
  /** The names of the new shards. */
  readonly fusedNames: readonly string[];
  /** @throws ModelFormatError when the index names a tensor that no shard holds. */
  assertComplete(names: ReadonlySet<string>): void;
}

const MAX_INDEX_BYTES = 25_000_000;
/** The largest public models come in some two hundred files. */
const MAX_SHARDS = 10_000;

/** @throws ModelFormatError when the index is no JSON of the known form. */
export function readIndex(source: ByteSource): ShardIndex {
  if (source.sizeBytes > MAX_INDEX_BYTES) {
    throw new ModelFormatError(
      `the index has ${source.sizeBytes} bytes; at most ${MAX_INDEX_BYTES} are read`,
    );
  }
  const text = decodeUtf8(source.read(0, source.sizeBytes));
  const root = parseSpannedJson(text, source.name);
  const weightMap = jsonEntry(root, 'weight_map')?.value;
  if (root.kind !== 'object' || weightMap?.kind !== 'object') {
    throw new ModelFormatError(`${source.name} has no weight_map`);
  }
  const names = weightMap.entries.map(({ key, value }) => {
    if (value.kind === 'leaf' && typeof value.value === 'string') return value.value;
    throw new ModelFormatError(`the index does not name the file of ${key}`);
  });
  const shards = [...new Set(names)].sort();
  if (shards.length > MAX_SHARDS) {
    throw new ModelFormatError(
      `the index names ${shards.length} files; at most ${MAX_SHARDS} are read`,
    );
  }
  return {
    source,
    text,
    root,
    weightMap,
    shards,
    fusedNames: shards.map(fusedName),
    assertComplete: (present) => {
      const missing = weightMap.entries.find(({ key }) => !present.has(key));
      if (missing === undefined) return;
      throw new ModelFormatError(`no shard holds ${missing.key}, which the index names`);
    },
  };
}

/** The index of the fused model. Everything but the map and the total size stays as it was written. */
export function writeIndex(
  index: ShardIndex,
  changes: FoldChanges,
  removed: readonly Tensor[],
  name: string,
): OutputFile {
  const { text, root, weightMap } = index;
  const gone = new Set(removed.map((tensor) => tensor.name));
  const withBias = new Set(changes.added.map(({ weight }) => weight.name));
  const entries = weightMap.entries.flatMap(({ key, value, start }) => {
    if (gone.has(key) || value.kind !== 'leaf') return [];
    const file = JSON.stringify(fusedName(String(value.value)));
    const kept = text.slice(start, value.start) + file;
    const colon = text.slice(start, value.start).slice(JSON.stringify(key).length);
    return withBias.has(key) ? [kept, JSON.stringify(biasKey(key)) + colon + file] : [kept];
  });
  const added = changes.added.map(({ weight, values }) => values.length * itemSize[weight.dtype]);
  const lost = removed.map(({ location }) => (location.kind === 'range' ? location.length : 0));
  const growth = sum(added) - sum(lost);
  const edits = [
    { ...weightMap, text: withEntries(text, weightMap, entries) },
    ...totalSize(root, growth),
  ].toSorted((a, b) => a.start - b.start);
  const parts: string[] = [];
  let at = 0;
  for (const edit of edits) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  const bytes = concatBytes([...parts, text.slice(at)].map(encodeUtf8));
  return { name, pieces: [{ kind: 'bytes', bytes }], checksums: [] };
}

function totalSize(
  root: JsonObject,
  growth: number,
): { readonly start: number; readonly end: number; readonly text: string }[] {
  const node = jsonEntry(jsonEntry(root, 'metadata')?.value, 'total_size')?.value;
  if (node?.kind !== 'leaf' || typeof node.value !== 'number') return [];
  return [{ start: node.start, end: node.end, text: String(node.value + growth) }];
}

/** `model-00001-of-00002.safetensors` → `model-00001-of-00002.fused.safetensors`. */
function fusedName(shard: string): string {
  if (/[/\\]/.test(shard)) {
    throw new UnsupportedModelError(
      `The index keeps ${shard} in another folder. Put the shards beside the index.`,
    );
  }
  const dot = shard.lastIndexOf('.');
  return dot <= 0 ? `${shard}.fused` : `${shard.slice(0, dot)}.fused${shard.slice(dot)}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
