import type { GraphNode } from '../../model/network';
import { numberAttribute } from './attributes';
import type { Scope, Value } from './graphIndex';

/** Values looked at for one rank; one that hides behind more counts as unknown. */
const MAX_VALUES = 256;

/** Operators whose first output has the rank of their first input. */
const rankPreserving = new Set([
  'Abs',
  'AveragePool',
  'BatchNormalization',
  'Cast',
  'Ceil',
  'Celu',
  'Clip',
  'Concat',
  'Conv',
  'ConvTranspose',
  'CumSum',
  'DepthToSpace',
  'Dropout',
  'Elu',
  'Erf',
  'Exp',
  'Floor',
  'Gelu',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'GroupNormalization',
  'HardSigmoid',
  'HardSwish',
  'Identity',
  'InstanceNormalization',
  'LRN',
  'LayerNormalization',
  'LeakyRelu',
  'Log',
  'LogSoftmax',
  'LpNormalization',
  'MaxPool',
  'Mish',
  'Neg',
  'PRelu',
  'Pad',
  'Reciprocal',
  'Relu',
  'Resize',
  'Round',
  'Selu',
  'Sigmoid',
  'Slice',
  'Softmax',
  'Softplus',
  'Softsign',
  'SpaceToDepth',
  'Split',
  'Sqrt',
  'Tanh',
  'Tile',
  'Transpose',
  'Upsample',
]);

/** Operators with NumPy's broadcasting: the higher rank wins. */
const broadcasting = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Min',
  'Max',
  'Sum',
  'Mean',
  'Where',
]);

/** Number of dimensions of a value: as declared in the file, else from what computes it; null when unknown. */
export function inferRank(value: Value | null): number | null {
  return rankOf(value, new Map());
}

/** `known` keeps each answer: values that meet again and again must not be followed again and again. */
function rankOf(value: Value | null, known: Map<Value, number | null>): number | null {
  if (!value) return null;
  const answer = known.get(value);
  if (answer !== undefined) return answer;
  if (known.size >= MAX_VALUES) return null;
  // A cycle finds this and ends.
  known.set(value, null);
  const rank = declaredRank(value) ?? producedRank(value, known);
  known.set(value, rank);
  return rank;
}

function declaredRank({ initializer, declared }: Value): number | null {
  return initializer?.shape.length ?? declared?.shape?.length ?? null;
}

function producedRank({ producer, scope }: Value, known: Map<Value, number | null>): number | null {
  if (!producer || producer.domain !== '' || producer.inputs.length > MAX_VALUES) return null;
  const inputRank = (input: number): number | null =>
    rankOf(scope.resolve(producer.inputs[input] ?? ''), known);
  if (producer.constant) return producer.constant.shape.length;
  if (rankPreserving.has(producer.opType)) return inputRank(0);
  if (broadcasting.has(producer.opType)) {
    return largest(producer.inputs.map((_, idx) => inputRank(idx)));
  }
  return rankRules[producer.opType]?.(producer, inputRank, scope) ?? null;
}

type RankRule = (
  node: GraphNode,
  inputRank: (input: number) => number | null,
  scope: Scope,
) => number | null;

const rankRules: Readonly<Partial<Record<string, RankRule>>> = {
  Gemm: () => 2,
  Flatten: () => 2,
  // Products of matrices; a vector on either side loses a dimension and is no case for a BatchNorm.
  MatMul: (_, inputRank) => {
    const [left, right] = [inputRank(0), inputRank(1)];
    return left === null || right === null || left < 2 || right < 2 ? null : Math.max(left, right);
  },
  Reshape: (node, _, scope) => {
    const legacy = node.attributes.get('shape');
    if (legacy?.kind === 'ints') return legacy.value.length;
    return lengthOf(scope, node.inputs[1]);
  },
  Expand: (node, inputRank, scope) => largest([inputRank(0), lengthOf(scope, node.inputs[1])]),
  Unsqueeze: (node, inputRank, scope) => add(inputRank(0), axesCount(node, scope)),
  Squeeze: (node, inputRank, scope) => add(inputRank(0), negative(axesCount(node, scope))),
  Gather: (_, inputRank) => add(add(inputRank(0), inputRank(1)), -1),
  ...Object.fromEntries(
    ['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'].map(
      (opType): [string, RankRule] => [opType, reducedRank],
    ),
  ),
  ArgMax: reducedByOne,
  ArgMin: reducedByOne,
};

function reducedRank(
  node: GraphNode,
  inputRank: (input: number) => number | null,
  scope: Scope,
): number | null {
  const keepsDims = numberAttribute(node, 'keepdims', 1);
  if (keepsDims === 1) return inputRank(0);
  return keepsDims === 0 ? add(inputRank(0), negative(axesCount(node, scope))) : null;
}

function reducedByOne(node: GraphNode, inputRank: (input: number) => number | null): number | null {
  const keepsDims = numberAttribute(node, 'keepdims', 1);
  if (keepsDims === 1) return inputRank(0);
  return keepsDims === 0 ? add(inputRank(0), -1) : null;
}

/** How many axes a node names, by attribute or by its second input; null when it names none. */
function axesCount(node: GraphNode, scope: Scope): number | null {
  const axes = node.attributes.get('axes');
  if (axes?.kind === 'ints') return axes.value.length;
  return lengthOf(scope, node.inputs[1]);
}

/** Elements of a one-dimensional value, from its shape alone. */
function lengthOf(scope: Scope, name: string | undefined): number | null {
  const value = scope.resolve(name ?? '');
  const shape =
    value?.initializer?.shape ?? value?.producer?.constant?.shape ?? value?.declared?.shape ?? null;
  const [length] = shape ?? [];
  return shape?.length === 1 && typeof length === 'number' ? length : null;
}

function add(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function negative(a: number | null): number | null {
  return a === null ? null : -a;
}

function largest(ranks: readonly (number | null)[]): number | null {
  return ranks.reduce(
    (max, rank) => (max === null || rank === null ? null : Math.max(max, rank)),
    0,
  );
}
