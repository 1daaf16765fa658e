import type { Module, ModuleNetwork } from '../../src/core/model/network';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { contiguousStrides, itemSize, type DType, type Tensor } from '../../src/core/model/tensor';

/** Tensors of a module by leaf name: a shape, with the dtype in front where it is not float32. */
export type TensorSketch = Readonly<Record<string, readonly (number | string)[]>>;

/** A module's path and tensors, in registration order. */
export type ModuleSketch = readonly [path: string, tensors: TensorSketch, more?: Partial<Module>];

const dtypeBySketch: Readonly<Record<string, DType>> = {
  int64: 'i64',
  float16: 'f16',
  bfloat16: 'bf16',
  float64: 'f64',
  int32: 'i32',
  uint8: 'u8',
};

/** A network from sketches; `sorted` puts its keys in the order in which safetensors keeps them. */
export function moduleNetwork(
  sketches: readonly ModuleSketch[],
  options: {
    readonly sorted?: boolean;
    readonly evidence?: 'names' | 'modules';
    readonly config?: string;
  } = {},
): ModuleNetwork {
  let offset = 64;
  const modules = sketches.map(([path, sketch, more]): Module => {
    const tensors = new Map<string, Tensor>();
    for (const [leaf, dims] of Object.entries(sketch)) {
      const tensor = sketchedTensor(path === '' ? leaf : `${path}.${leaf}`, dims, offset);
      if (tensor.location.kind === 'range') offset += tensor.location.length;
      tensors.set(leaf, tensor);
    }
    return {
      dict: '',
      path,
      className: null,
      classModule: null,
      tensors,
      attributes: null,
      version: null,
      ...more,
    };
  });
  return {
    kind: 'modules',
    evidence: options.evidence ?? 'names',
    modules: options.sorted === true ? sortedByKey(modules) : modules,
    isOrdered: options.sorted !== true,
    config: options.config ?? null,
  };
}

/** Shapes of a BatchNorm's state_dict entries. */
export function batchNorm(channels: number): TensorSketch {
  return {
    weight: [channels],
    bias: [channels],
    running_mean: [channels],
    running_var: [channels],
    num_batches_tracked: ['int64'],
  };
}

/** A model over a network, which has no bytes; `values` answers `readValues` by tensor name. */
export function moduleModel(
  network: ModuleNetwork,
  values: Readonly<Record<string, readonly number[]>> = {},
): OpenedModel {
  return {
    format: network.isOrdered ? 'torch-zip' : 'safetensors',
    producer: null,
    opsets: new Map(),
    network,
    problems: [],
    sources: [],
    readValues: (tensor) => {
      const found = values[tensor.name];
      if (found === undefined) throw new Error(`the test gives no values for ${tensor.name}`);
      return Float64Array.from(found);
    },
    plan: () => {
      throw new Error('a sketched model has no bytes');
    },
  };
}

function sketchedTensor(name: string, dims: readonly (number | string)[], offset: number): Tensor {
  const [first] = dims;
  const dtype = typeof first === 'string' ? (dtypeBySketch[first] ?? 'other') : 'f32';
  const shape = dims.filter((dim) => typeof dim === 'number');
  const length = shape.reduce((product, dim) => product * dim, itemSize[dtype]);
  return {
    name,
    dtype,
    shape,
    strides: contiguousStrides(shape),
    location: { kind: 'range', source: 0, offset, length },
  };
}

/** Modules in the order of their first key, all keys being sorted as text. */
function sortedByKey(modules: readonly Module[]): Module[] {
  const keys = modules.flatMap((module) =>
    [...module.tensors.values()].map(({ name }) => ({ name, module })),
  );
  keys.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...new Set(keys.map(({ module }) => module))];
}
