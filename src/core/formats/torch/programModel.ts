import type { ByteSource } from '../../bytes/byteSource';
import { decodeFloats } from '../../bytes/floats';
import type { OutputPlan } from '../../bytes/outputPlan';
import { walkStrides } from '../../bytes/stridedValues';
import { ModelFormatError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { Network } from '../../model/network';
import type { FormatId, OpenedModel, PlanOptions } from '../../model/openedModel';
import type { Problem } from '../../model/pair';
import { elementCount, type Tensor } from '../../model/tensor';
import { patchZip } from '../zip/patchZip';
import type { ZipArchive } from '../zip/readZip';
import type { AbsentVectors } from './graph/absentVectors';
import { planArchivePatches } from './planArchivePatches';

/** What was found in an archive with code: TorchScript, or an exported program. */
export interface ProgramParts {
  readonly format: FormatId;
  readonly producer: string | null;
  readonly archive: ZipArchive;
  readonly network: Network;
  readonly problems: readonly Problem[];
  /** Every tensor of the file by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Ones and zeros for BatchNorms without gamma and beta. */
  readonly absent: AbsentVectors;
  /** The bytes of an encoded tensor, in row-major order. */
  readonly readEncoded: (name: string) => Uint8Array;
}

/** An archive whose code stays as it is: folding is always drop-in, and every byte keeps its place. */
export class ProgramModel implements OpenedModel {
  readonly format: FormatId;
  readonly producer: string | null;
  readonly opsets = new Map<string, number>();
  readonly network: Network;
  readonly problems: readonly Problem[];
  readonly sources: readonly ByteSource[];

  constructor(private readonly parts: ProgramParts) {
    this.format = parts.format;
    this.producer = parts.producer;
    this.network = parts.network;
    this.problems = parts.problems;
    this.sources = [parts.archive.source];
  }

  readValues(tensor: Tensor): Float64Array {
    const absent = this.parts.absent.values(tensor.name);
    if (absent !== null) return absent;
    const values = decodeFloats(this.readBytes(tensor), tensor.dtype);
    const logical = new Float64Array(elementCount(tensor.shape));
    walkStrides(tensor.shape, tensor.strides, (position, index) => {
      logical[index] = values[position] ?? NaN;
    });
    return logical;
  }

  plan(folds: readonly Fold[], { outputName }: PlanOptions): OutputPlan {
    const { archive, tensors, absent } = this.parts;
    const patches = planArchivePatches(folds, {
      all: [...tensors.values()],
      absent: absent.names,
      readBytes: (tensor) => this.readBytes(tensor),
    });
    return { files: [{ name: outputName, ...patchZip(archive, patches, 0) }] };
  }

  private readBytes({ name }: Tensor): Uint8Array {
    const { archive, tensors, readEncoded } = this.parts;
    const location = tensors.get(name)?.location;
    switch (location?.kind) {
      case 'range':
        return archive.source.read(location.offset, location.length);
      case 'encoded':
        return readEncoded(name);
      default:
        throw new ModelFormatError(`the data of ${name} are not in the file`);
    }
  }
}
