import type { Tensor } from '../../../model/tensor';
import type { ProgramGraph } from './programGraph';
import type { TensorValue } from './programValue';

/**
 * ONNX's BatchNormalization always has scale and bias; PyTorch's may have none. The graph names vectors of ones and
 * zeros for them, which are in no file.
 */
export class AbsentVectors {
  private readonly tensors = new Map<string, Tensor>();

  get names(): ReadonlySet<string> {
    return new Set(this.tensors.keys());
  }

  /** The vector for a BatchNorm that lacks `leaf`, as long as `like`. */
  edge(graph: ProgramGraph, bnName: string, leaf: 'weight' | 'bias', like: Tensor): TensorValue {
    const name = `${bnName}.${leaf} (absent)`;
    const tensor: Tensor = { ...like, name, strides: [1], location: { kind: 'encoded' } };
    this.tensors.set(name, tensor);
    return graph.parameter(tensor);
  }

  /** The ones or zeros of a vector; null when the name is none of these. */
  values(name: string): Float64Array | null {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) return null;
    const isWeight = name.endsWith('.weight (absent)');
    return new Float64Array(tensor.shape[0] ?? 0).fill(isWeight ? 1 : 0);
  }
}
