import { roundTo } from '../../bytes/floats';
import { ModelFormatError } from '../../errors';
import type { GraphNode } from '../../model/network';
import type { OpenedModel } from '../../model/openedModel';
import { elementCount, isFloatDType, type DType, type Tensor } from '../../model/tensor';
import type { Scope } from '../../pairing/graph/graphIndex';
import { broadcastShape, broadcastTo, reshaped, type Constant } from './constant';

/** Nodes looked at for one value: a fold left as nodes takes five. */
const MAX_STEPS = 64;

/** Larger constants come from hostile files: one Expand can ask for any size. */
const MAX_ELEMENTS = 2 ** 28;

/**
 * Values that a graph computes from nothing but its constants. Some tools leave a fold in the file as the arithmetic
 * that leads to it (onnxoptimizer), and exporters write vectors of zeros as a few nodes; the runtime does the sums
 * when it opens the network. Every step rounds to its element type, as the runtime does.
 */
export class GraphConstants {
  constructor(private readonly model: Pick<OpenedModel, 'readValues'>) {}

  /** The value called `name`, or null when it depends on an input or on an operator that is not known here. */
  value(scope: Scope, name: string): Constant | null {
    return this.evaluate(scope, name, { left: MAX_STEPS });
  }

  private evaluate(scope: Scope, name: string, steps: { left: number }): Constant | null {
    if (steps.left-- <= 0) return null;
    const value = scope.resolve(name);
    if (value === null) return null;
    const stored = value.initializer ?? value.producer?.constant;
    if (stored) return this.stored(stored);
    const node = value.producer;
    if (node === null || node.domain !== '' || node.outputs[0] !== value.name) return null;
    const input = (index: number): Constant | null =>
      this.evaluate(value.scope, node.inputs[index] ?? '', steps);
    return withinLimits(compute(node, input));
  }

  private stored(tensor: Tensor): Constant | null {
    const { dtype, shape, location } = tensor;
    if (location.kind === 'absent' || elementCount(shape) > MAX_ELEMENTS) return null;
    try {
      return { dtype, shape, values: this.model.readValues(tensor) };
    } catch (error) {
      // Element types without numbers, cut files: whoever needs the value says so.
      if (error instanceof ModelFormatError) return null;
      throw error;
    }
  }
}

type Inputs = (index: number) => Constant | null;

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
};

const functions: Readonly<Record<string, (value: number) => number>> = {
  Sqrt: Math.sqrt,
  Neg: (value) => -value,
  Reciprocal: (value) => 1 / value,
};

function compute(node: GraphNode, input: Inputs): Constant | null {
  const { opType } = node;
  const operation = arithmetic[opType];
  if (operation !== undefined) return combine(operation, input(0), input(1));
  const first = input(0);
  if (first === null) return null;
  const fn = functions[opType];
  if (fn !== undefined) return { ...first, values: rounded(first.values.map(fn), first.dtype) };
  switch (opType) {
    case 'Identity':
      return first;
    case 'Cast':
      return cast(first, castTarget(node));
    case 'CastLike':
      // Which type is meant may hang on an input of the network; a fold stays in the type of its weights.
      return first;
    case 'Shape':
      return integers(shapeSlice(node, first.shape));
    case 'ConstantOfShape':
      return filled(node, first);
    case 'Expand':
      return expand(first, input(1));
    case 'Unsqueeze':
      return unsqueeze(first, axesOf(node, input(1)));
    case 'Reshape':
      return reshape(first, input(1));
    default:
      return null;
  }
}

function combine(
  operation: (a: number, b: number) => number,
  one: Constant | null,
  other: Constant | null,
): Constant | null {
  const shape = one && other && broadcastShape(one.shape, other.shape);
  if (!shape || elementCount(shape) > MAX_ELEMENTS) return null;
  const right = broadcastTo(other, shape);
  const values = broadcastTo(one, shape).map((value, idx) => operation(value, right[idx] ?? NaN));
  return { dtype: one.dtype, shape, values: rounded(values, one.dtype) };
}

function rounded(values: Float64Array, dtype: DType): Float64Array {
  return isFloatDType(dtype) ? values.map((value) => roundTo(value, dtype)) : values;
}

/** Numbers of `TensorProto.DataType`. */
const castTypes: Readonly<Record<number, DType>> = {
  1: 'f32',
  6: 'i32',
  7: 'i64',
  10: 'f16',
  11: 'f64',
  16: 'bf16',
};

function castTarget(node: GraphNode): DType | undefined {
  const to = node.attributes.get('to');
  return to?.kind === 'int' ? castTypes[to.value] : undefined;
}

function cast(constant: Constant, dtype: DType | undefined): Constant | null {
  if (dtype === undefined) return null;
  const values = isFloatDType(dtype) ? constant.values : constant.values.map(Math.trunc);
  return { ...constant, dtype, values: rounded(values, dtype) };
}

function integers(numbers: readonly number[]): Constant {
  return { dtype: 'i64', shape: [numbers.length], values: Float64Array.from(numbers) };
}

/** From opset 15 on Shape may give a part of the shape. */
function shapeSlice(node: GraphNode, shape: readonly number[]): readonly number[] {
  const [start, end] = [node.attributes.get('start'), node.attributes.get('end')];
  return shape.slice(
    start?.kind === 'int' ? start.value : 0,
    end?.kind === 'int' ? end.value : shape.length,
  );
}

/** ConstantOfShape without a value: zeros. */
function filled(node: GraphNode, shape: Constant): Constant | null {
  if (node.attributes.has('value')) return null;
  const dims = [...shape.values];
  const count = elementCount(dims);
  if (!(count >= 0 && count <= MAX_ELEMENTS)) return null;
  return { dtype: 'f32', shape: dims, values: new Float64Array(count) };
}

function expand(constant: Constant, target: Constant | null): Constant | null {
  const shape = target && broadcastShape(constant.shape, [...target.values]);
  if (!shape || elementCount(shape) > MAX_ELEMENTS) return null;
  return { ...constant, shape, values: broadcastTo(constant, shape) };
}

/** Axes are an attribute until opset 12 and an input from 13 on. */
function axesOf(node: GraphNode, input: Constant | null): readonly number[] {
  const axes = node.attributes.get('axes');
  return axes?.kind === 'ints' ? axes.value : [...(input?.values ?? [])];
}

function unsqueeze(constant: Constant, axes: readonly number[]): Constant | null {
  const rank = constant.shape.length + axes.length;
  const places = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  if (places.size === 0 || rank > MAX_RANK) return null;
  const rest = [...constant.shape];
  const shape = Array.from({ length: rank }, (_, axis) =>
    places.has(axis) ? 1 : (rest.shift() ?? 1),
  );
  return reshaped(constant, shape);
}

/** 0 keeps a dimension, −1 takes what is left. */
function reshape(constant: Constant, target: Constant | null): Constant | null {
  if (target === null || target.values.length > MAX_RANK) return null;
  const dims = [...target.values].map((dim, axis) =>
    dim === 0 ? (constant.shape[axis] ?? 0) : dim,
  );
  const known = elementCount(dims.filter((dim) => dim !== -1));
  return reshaped(
    constant,
    dims.map((dim) => (dim === -1 ? constant.values.length / known : dim)),
  );
}

const MAX_RANK = 16;

function withinLimits(constant: Constant | null): Constant | null {
  return constant !== null && constant.values.length <= MAX_ELEMENTS ? constant : null;
}
