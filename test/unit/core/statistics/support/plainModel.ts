import { readFileSync } from 'node:fs';
import { decodeFloats } from '../../../../../src/core/bytes/floats';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import type { BatchNormLayer, ConvLayer } from '../../../../../src/core/model/layer';
import type { Module } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Pair } from '../../../../../src/core/model/pair';
import { contiguousStrides, type DType, type Tensor } from '../../../../../src/core/model/tensor';
import { pairOf } from './memoryModel';

interface PlainTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
}

/** Opens a state_dict kept as `<path>.json` (the tensors' places) and `<path>.bin` (their bytes). */
export function openPlain(path: string): OpenedModel {
  const entries = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as PlainTensor[];
  const source = new MemorySource(new Uint8Array(readFileSync(`${path}.bin`)), path);
  const tensorsByModule = new Map<string, Map<string, Tensor>>();
  for (const { name, dtype, shape, offset, length } of entries) {
    const dot = name.lastIndexOf('.');
    const owner = dot < 0 ? '' : name.slice(0, dot);
    const tensors = tensorsByModule.get(owner) ?? new Map<string, Tensor>();
    tensors.set(name.slice(dot + 1), {
      name,
      dtype,
      shape,
      strides: contiguousStrides(shape),
      location: { kind: 'range', source: 0, offset, length },
    });
    tensorsByModule.set(owner, tensors);
  }
  const modules = Array.from(tensorsByModule, ([modulePath, tensors]): Module => ({
    dict: '',
    path: modulePath,
    className: null,
    classModule: null,
    tensors,
    attributes: null,
    version: null,
  }));
  return {
    format: 'torch-zip',
    producer: null,
    opsets: new Map(),
    network: { kind: 'modules', evidence: 'names', modules, isOrdered: true, config: null },
    problems: [],
    sources: [source],
    readValues: (tensor) => {
      if (tensor.location.kind !== 'range') throw new Error(`${tensor.name} has no bytes`);
      return decodeFloats(
        source.read(tensor.location.offset, tensor.location.length),
        tensor.dtype,
      );
    },
    plan: () => ({ files: [] }),
  };
}

/** Pairs every BatchNorm with the convolution registered last before it, when their channels agree. */
export function pairsByOrder(model: OpenedModel, layout: 'OI*' | '*IO' | 'O*I' = 'OI*'): Pair[] {
  if (model.network.kind !== 'modules') return [];
  const pairs: Pair[] = [];
  let conv: ConvLayer | null = null;
  for (const { path, tensors } of model.network.modules) {
    const weight = tensors.get('weight');
    if (weight !== undefined && weight.shape.length >= 2) {
      conv = convOf(path, weight, tensors.get('bias') ?? null, layout);
    }
    const mean = tensors.get('running_mean');
    const variance = tensors.get('running_var');
    if (mean === undefined || variance === undefined || conv === null) continue;
    const bn: BatchNormLayer = {
      name: path,
      type: 'BatchNorm2d',
      channels: mean.shape[0] ?? 0,
      eps: 1e-5,
      epsSource: 'default',
      gamma: weight ?? null,
      beta: tensors.get('bias') ?? null,
      mean,
      variance,
    };
    if (conv.outChannels === bn.channels) {
      const isTaken = pairs.some(({ id }) => id === conv?.name);
      pairs.push({ ...pairOf(conv, bn), id: isTaken ? `${conv.name}#${path}` : conv.name });
    }
  }
  return pairs;
}

function convOf(
  name: string,
  weight: Tensor,
  bias: Tensor | null,
  layout: 'OI*' | '*IO' | 'O*I',
): ConvLayer {
  const { shape } = weight;
  const rank = shape.length;
  const isSparse = rank === 5 && layout !== 'OI*';
  const outChannels = (isSparse && layout === '*IO' ? shape.at(-1) : shape[0]) ?? 1;
  const inChannels = (isSparse ? shape.at(layout === '*IO' ? -2 : -1) : shape[1]) ?? 1;
  return {
    name,
    type: isSparse ? 'SubMConv3d' : `Conv${rank - 2}d`,
    weight,
    bias,
    layout: isSparse ? layout : 'OI*',
    groups: !isSparse && inChannels === 1 && outChannels > 1 ? outChannels : 1,
    inChannels: !isSparse && inChannels === 1 ? outChannels : inChannels,
    outChannels,
    kernel: isSparse
      ? layout === '*IO'
        ? shape.slice(0, -2)
        : shape.slice(1, -1)
      : shape.slice(2),
  };
}
