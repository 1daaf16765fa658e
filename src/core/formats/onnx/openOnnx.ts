import type { ByteSource, SiblingFiles } from '../../bytes/byteSource';
import { decodeFloats } from '../../bytes/floats';
import { ModelFormatError } from '../../errors';
import type { GraphNetwork } from '../../model/network';
import type { OpenedModel } from '../../model/openedModel';
import type { Tensor } from '../../model/tensor';
import { DataFiles } from './read/dataFiles';
import { graphsBelow } from './read/giveNames';
import { readModel } from './read/readModel';
import { decodeTensorBytes } from './read/tensorBytes';
import type { OnnxRecord, TensorRecord } from './records';
import { WireReader } from './wire/wireReader';
import { planFolds } from './write/planFolds';

/**
 * Opens an ONNX file by its structure: values of tensors are neither read nor kept.
 * External data that is missing or too short makes its tensors `absent` and is reported as a problem; data files
 * outside the model's folder make the file refused.
 * @throws ModelFormatError when the file is no ONNX model, is damaged, or reaches out of its folder.
 */
export function openOnnx(source: ByteSource, siblings: SiblingFiles): OpenedModel {
  refuseStandIns(source);
  const dataFiles = new DataFiles(source, siblings);
  const { record, producer } = readModel(source, dataFiles);
  const network: GraphNetwork = {
    kind: 'graph',
    graphs: record.graphs.map(({ graph }) => graph),
    opsets: record.opsets,
    irVersion: record.irVersion,
  };
  const tensors = recordsByTensor(record);
  const reader = new WireReader(source);
  const { sources, problems } = dataFiles;
  return {
    format: 'onnx',
    producer,
    opsets: record.opsets,
    network,
    problems,
    sources,
    readValues: (tensor) => readValues(tensor, tensors.get(tensor), sources, reader),
    plan: (folds, options) => planFolds(record, sources, reader, folds, options),
  };
}

function readValues(
  tensor: Tensor,
  record: TensorRecord | undefined,
  sources: readonly ByteSource[],
  reader: WireReader,
): Float64Array {
  const { location, name, dtype } = tensor;
  switch (location.kind) {
    case 'range': {
      const source = sources[location.source];
      if (source === undefined) throw new ModelFormatError(`${name} lies in no open file`);
      return decodeFloats(source.read(location.offset, location.length), dtype);
    }
    case 'encoded':
      if (record === undefined) throw new ModelFormatError(`${name} is no tensor of this file`);
      return decodeFloats(decodeTensorBytes(reader, record), dtype);
    case 'absent':
      throw new ModelFormatError(location.why ?? `the file holds no values for ${name}`);
  }
}

function recordsByTensor({ graphs }: OnnxRecord): ReadonlyMap<Tensor, TensorRecord> {
  const byTensor = new Map<Tensor, TensorRecord>();
  for (const { initializers, nodes } of graphsBelow(graphs)) {
    for (const record of initializers.values()) byTensor.set(record.tensor, record);
    for (const { constant } of nodes) {
      if (constant !== null) byTensor.set(constant.tensor, constant);
    }
  }
  return byTensor;
}

const GIT_LFS_POINTER = 'version https://git-lfs';

/** Files that often stand where a model should, each with the sentence that helps. */
function refuseStandIns(source: ByteSource): void {
  if (source.sizeBytes === 0) throw new ModelFormatError('the file is empty');
  const head = source.read(0, Math.min(source.sizeBytes, GIT_LFS_POINTER.length));
  if (String.fromCharCode(...head) === GIT_LFS_POINTER) {
    throw new ModelFormatError(
      'the file is a Git LFS pointer, not the model itself: fetch it with git lfs pull',
    );
  }
}
