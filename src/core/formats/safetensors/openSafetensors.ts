import type { ByteSource, SiblingFiles } from '../../bytes/byteSource';
import { decodeFloats } from '../../bytes/floats';
import type { OutputFile, OutputPlan } from '../../bytes/outputPlan';
import { ModelFormatError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { ModuleNetwork } from '../../model/network';
import type { OpenedModel, PlanOptions } from '../../model/openedModel';
import type { Tensor } from '../../model/tensor';
import { batchNormLeaves } from '../stateDict/batchNormLeaves';
import { foldChanges } from '../stateDict/foldChanges';
import { modulesFromKeys } from '../stateDict/modulesFromKeys';
import { aliases, keptFolds } from './aliases';
import { isIndexName } from './isSafetensors';
import { readHeader, type SafetensorsFile } from './readHeader';
import { readIndex, writeIndex, type ShardIndex } from './shardIndex';
import { jsonEntry } from './spannedJson';
import { writeSafetensors } from './writeFile';

/**
 * Opens a safetensors file, or the index of a model in several (`*.safetensors.index.json`): then every shard.
 * Reads the headers, not the tensors.
 * @throws ModelFormatError when a file is damaged, or the index and the shards disagree.
 */
export function openSafetensors(source: ByteSource, siblings: SiblingFiles): OpenedModel {
  if (!isIndexName(source.name)) return new SafetensorsModel([readHeader(source, 0)], null);
  const index = readIndex(source);
  const files = index.shards.map((name, idx) => readHeader(siblings.open(name), idx + 1));
  return new SafetensorsModel(files, index);
}

class SafetensorsModel implements OpenedModel {
  readonly format = 'safetensors';
  readonly producer: string | null;
  readonly opsets = new Map<string, number>();
  readonly network: ModuleNetwork;
  readonly problems = [];
  readonly sources: readonly ByteSource[];
  private readonly tensorsByName = new Map<string, Tensor>();

  constructor(
    private readonly files: readonly SafetensorsFile[],
    private readonly index: ShardIndex | null,
  ) {
    this.sources = [...(index ? [index.source] : []), ...files.map(({ source }) => source)];
    this.producer = producerOf(files);
    for (const { tensor } of files.flatMap(({ tensors }) => tensors)) {
      if (this.tensorsByName.has(tensor.name)) {
        throw new ModelFormatError(`two shards hold the tensor ${tensor.name}`);
      }
      this.tensorsByName.set(tensor.name, tensor);
    }
    index?.assertComplete(new Set(this.tensorsByName.keys()));
    const tensors = [...this.tensorsByName.values(), ...aliases(files, this.tensorsByName)];
    this.network = {
      kind: 'modules',
      evidence: 'names',
      modules: modulesFromKeys('', tensors, () => null),
      isOrdered: false,
      config: null,
    };
  }

  readValues(tensor: Tensor): Float64Array {
    const { location } = this.tensorsByName.get(tensor.name) ?? tensor;
    const source = location.kind === 'range' ? this.sources[location.source] : undefined;
    if (location.kind !== 'range' || source === undefined) {
      throw new ModelFormatError(`the file holds no tensor ${tensor.name}`);
    }
    return decodeFloats(source.read(location.offset, location.length), tensor.dtype);
  }

  plan(folds: readonly Fold[], options: PlanOptions): OutputPlan {
    const changes = foldChanges(keptFolds(folds, this.tensorsByName), options.mode);
    const removed = new Set(
      changes.removed.flatMap((bn) =>
        batchNormLeaves.map((leaf) => (bn === '' ? leaf : `${bn}.${leaf}`)),
      ),
    );
    const write = (file: SafetensorsFile, name: string): OutputFile | null =>
      writeSafetensors(file, changes, removed, name);
    const { index } = this;
    if (index === null) {
      const written = this.files.map((file) => write(file, options.outputName));
      return { files: written.filter((file) => file !== null) };
    }
    const shards = this.files.map((file, idx) => write(file, index.fusedNames[idx] ?? ''));
    const removedTensors = [...removed].flatMap((name) => this.tensorsByName.get(name) ?? []);
    const indexFile = writeIndex(index, changes, removedTensors, options.outputName);
    return { files: [indexFile, ...shards.filter((file) => file !== null)] };
  }
}

/** Who wrote the file, as its metadata say: `format` is `pt` for PyTorch. */
function producerOf(files: readonly SafetensorsFile[]): string | null {
  const metadata = jsonEntry(files[0]?.header, '__metadata__')?.value;
  const format = jsonEntry(metadata, 'format')?.value;
  return format?.kind === 'leaf' && format.value === 'pt' ? 'PyTorch' : null;
}
