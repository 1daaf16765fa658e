import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import type { BatchNormLayer, ConvLayer, WeightLayout } from '../../../../../src/core/model/layer';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Evidence, Pair, Pairing } from '../../../../../src/core/model/pair';
import { contiguousStrides, elementCount, type Tensor } from '../../../../../src/core/model/tensor';

/** Builds an opened model whose tensors lie, as float32, in one block of memory. */
export class MemoryModelBuilder {
  private readonly tensors: { readonly tensor: Tensor; readonly values: Float32Array }[] = [];
  private sizeBytes = 0;

  tensor(name: string, shape: readonly number[], values: ArrayLike<number>): Tensor {
    if (values.length !== elementCount(shape)) throw new Error(`${name}: wrong number of values`);
    const tensor: Tensor = {
      name,
      dtype: 'f32',
      shape,
      strides: contiguousStrides(shape),
      location: { kind: 'range', source: 0, offset: this.sizeBytes, length: values.length * 4 },
    };
    this.tensors.push({ tensor, values: Float32Array.from(values) });
    this.sizeBytes += values.length * 4;
    return tensor;
  }

  conv(
    name: string,
    shape: readonly number[],
    values: ArrayLike<number>,
    options: {
      layout?: WeightLayout;
      groups?: number;
      bias?: ArrayLike<number>;
      type?: string;
    } = {},
  ): ConvLayer {
    const layout = options.layout ?? 'OI*';
    const groups = options.groups ?? 1;
    const { inChannels, outChannels, kernel } = geometry(layout, shape, groups);
    return {
      name,
      type: options.type ?? 'Conv2d',
      weight: this.tensor(`${name}.weight`, shape, values),
      bias:
        options.bias === undefined
          ? null
          : this.tensor(`${name}.bias`, [options.bias.length], options.bias),
      layout,
      groups,
      inChannels,
      outChannels,
      kernel,
    };
  }

  batchNorm(
    name: string,
    statistics: {
      mean: ArrayLike<number>;
      variance: ArrayLike<number>;
      gamma?: ArrayLike<number>;
      beta?: ArrayLike<number>;
    },
    eps = 1e-5,
  ): BatchNormLayer {
    const channels = statistics.mean.length;
    const vector = (leaf: string, values: ArrayLike<number>): Tensor =>
      this.tensor(`${name}.${leaf}`, [channels], values);
    return {
      name,
      type: 'BatchNorm2d',
      channels,
      eps,
      epsSource: 'default',
      gamma: statistics.gamma === undefined ? null : vector('weight', statistics.gamma),
      beta: statistics.beta === undefined ? null : vector('bias', statistics.beta),
      mean: vector('running_mean', statistics.mean),
      variance: vector('running_var', statistics.variance),
    };
  }

  build(): OpenedModel {
    const bytes = new Uint8Array(this.sizeBytes);
    const view = new DataView(bytes.buffer);
    const valuesByTensor = new Map<Tensor, Float32Array>();
    for (const { tensor, values } of this.tensors) {
      valuesByTensor.set(tensor, values);
      if (tensor.location.kind !== 'range') continue;
      for (const [idx, value] of values.entries()) {
        view.setFloat32(tensor.location.offset + idx * 4, value, true);
      }
    }
    return {
      format: 'torch-zip',
      producer: null,
      opsets: new Map(),
      network: { kind: 'modules', evidence: 'names', modules: [], isOrdered: true, config: null },
      problems: [],
      sources: [new MemorySource(bytes)],
      readValues: (tensor) => Float64Array.from(valuesByTensor.get(tensor) ?? []),
      plan: () => ({ files: [] }),
    };
  }
}

/** A fusable pair without any reason. */
export function pairOf(conv: ConvLayer, bn: BatchNormLayer, evidence: Evidence = 'names'): Pair {
  return {
    id: conv.name,
    conv,
    bn,
    evidence,
    verdict: 'fusable',
    reasons: [],
    statistics: null,
    between: [],
    biasFactor: 1,
    copiesWeight: false,
    copiesBias: false,
    quantizers: [],
  };
}

export function pairingOf(pairs: readonly Pair[]): Pairing {
  return { pairs, unpaired: [], problems: [] };
}

function geometry(
  layout: WeightLayout,
  shape: readonly number[],
  groups: number,
): { inChannels: number; outChannels: number; kernel: readonly number[] } {
  const first = shape[0] ?? 1;
  const last = shape.at(-1) ?? 1;
  switch (layout) {
    case 'OI*':
      return { outChannels: first, inChannels: (shape[1] ?? 1) * groups, kernel: shape.slice(2) };
    case 'IO*':
      return { outChannels: (shape[1] ?? 1) * groups, inChannels: first, kernel: shape.slice(2) };
    case '*IO':
      return { outChannels: last, inChannels: shape.at(-2) ?? 1, kernel: shape.slice(0, -2) };
    case 'O*I':
    case 'IO-flat':
      return { outChannels: first, inChannels: last, kernel: shape.slice(1, -1) };
  }
}
