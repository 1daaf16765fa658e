import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GraphConstants } from '../../../../../src/core/drift/constants/graphConstants';
import type { Constant } from '../../../../../src/core/drift/constants/constant';
import type {
  AttributeValue,
  GraphNetwork,
  GraphNode,
} from '../../../../../src/core/model/network';
import { contiguousStrides, type DType, type Tensor } from '../../../../../src/core/model/tensor';
import { indexGraphs } from '../../../../../src/core/pairing/graph/graphIndex';

interface Stored {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly dtype?: DType;
}

function node(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): GraphNode {
  return {
    name: output,
    opType,
    domain: '',
    inputs,
    outputs: [output],
    attributes: new Map(Object.entries(attributes)),
    subgraphs: [],
  };
}

/** The value `name` of a graph with these initializers and nodes. */
function valueOf(
  name: string,
  initializers: Readonly<Record<string, Stored>>,
  nodes: readonly GraphNode[],
): Constant | null {
  const tensors = new Map(
    Object.entries(initializers).map(([key, { shape, dtype = 'f32' }]): [string, Tensor] => [
      key,
      {
        name: key,
        dtype,
        shape,
        strides: contiguousStrides(shape),
        location: { kind: 'encoded' },
      },
    ]),
  );
  const network: GraphNetwork = {
    kind: 'graph',
    opsets: new Map([['', 17]]),
    irVersion: 8,
    graphs: [
      {
        scope: '',
        kind: 'main',
        nodes,
        inputs: [{ name: 'x', elementType: null, shape: null }],
        outputs: [],
        initializers: tensors,
        values: new Map(),
      },
    ],
  };
  const [scope] = indexGraphs(network);
  assert.ok(scope);
  const readValues = ({ name: key }: Tensor): Float64Array =>
    Float64Array.from(initializers[key]?.values ?? []);
  return new GraphConstants({ readValues }).value(scope, name);
}

const ints = (...values: number[]): Stored => ({ shape: [values.length], values, dtype: 'i64' });

test('the arithmetic of a fold gives the folded weight, rounded at every step', () => {
  const initializers = {
    gamma: { shape: [2], values: [2, 3] },
    variance: { shape: [2], values: [3, 8] },
    eps: { shape: [], values: [1] },
    axes: ints(1, 2),
    weight: { shape: [2, 1, 2], values: [1, 2, 3, 1 / 3] },
  };
  const nodes = [
    node('Add', ['variance', 'eps'], 'sum'),
    node('Sqrt', ['sum'], 'deviation'),
    node('Div', ['gamma', 'deviation'], 'scale'),
    node('Unsqueeze', ['scale', 'axes'], 'column'),
    node('Mul', ['weight', 'column'], 'folded'),
  ];
  const folded = valueOf('folded', initializers, nodes);
  assert.deepEqual(folded?.shape, [2, 1, 2]);
  assert.deepEqual([...folded.values], [1, 2, 3, Math.fround(1 / 3)]);
});

test('vectors that exporters make of a shape are zeros', () => {
  const end: AttributeValue = { kind: 'int', value: 1 };
  const nodes = [
    node('Shape', ['weight'], 'shape', { end }),
    node('CastLike', ['zero', 'x'], 'typed'),
    node('Expand', ['typed', 'shape'], 'bias'),
  ];
  const weight = { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] };
  const bias = valueOf('bias', { weight, zero: { shape: [], values: [0] } }, nodes);
  assert.deepEqual([bias?.shape, [...(bias?.values ?? [])]], [[3], [0, 0, 0]]);
});

test('repeats along every axis that broadcasts', () => {
  const one = { shape: [2, 1], values: [1, 2] };
  const other = { shape: [1, 3], values: [10, 20, 30] };
  const sum = valueOf('sum', { one, other }, [node('Add', ['one', 'other'], 'sum')]);
  assert.deepEqual([...(sum?.values ?? [])], [11, 21, 31, 12, 22, 32]);
});

test('nothing is known of what hangs on an input or on another operator', () => {
  const a = { shape: [1], values: [1] };
  assert.equal(valueOf('y', { a }, [node('Add', ['a', 'x'], 'y')]), null);
  assert.equal(valueOf('y', { a }, [node('Mystery', ['a'], 'y')]), null);
  assert.equal(valueOf('y', { a }, []), null);
});

test('no file makes it large or slow', () => {
  const a = { shape: [1], values: [1] };
  const huge = node('Expand', ['a', 'size'], 'y');
  assert.equal(valueOf('y', { a, size: ints(2 ** 20, 2 ** 20) }, [huge]), null);
  const doubled = Array.from({ length: 200 }, (_, idx) =>
    node('Add', idx === 0 ? ['a', 'a'] : [`v${idx - 1}`, `v${idx - 1}`], `v${idx}`),
  );
  assert.equal(valueOf('v199', { a }, doubled), null);
  assert.equal(valueOf('y', {}, [node('Identity', ['y'], 'y')]), null);
});
