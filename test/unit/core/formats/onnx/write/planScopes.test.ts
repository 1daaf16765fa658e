import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  attribute,
  convAndBn,
  initializer,
  input,
  node,
  output,
  sub,
  text,
  value,
} from '../../../../../support/onnxBytes';
import {
  foldedBias,
  foldedWeight,
  fused,
  initializersOf,
  mainOf,
  readInput,
} from '../../../../../support/onnxFold';
import { allGraphs, nodeOf } from '../../../../../support/onnxPair';

const plain = convAndBn('a', 'x', 'y');

describe('scope', () => {
  test('a pair in a subgraph folds there, its bias stays there, an outer weight changes outside', () => {
    const pair = convAndBn('a', 'x', 'out', { weight: 'outer' });
    const result = fused([
      initializer('outer', [2, 1, 1, 1], [0.75, -1.25]),
      node('If', ['c'], ['y'], {
        name: 'choice',
        more: [attribute.graph('then_branch', ...pair.nodes, ...pair.parameters, output('out'))],
      }),
    ]);
    const [main, branch] = allGraphs(result.model);
    assert.deepEqual([...result.model.readValues(main!.initializers.get('outer')!)], foldedWeight);
    assert.deepEqual(initializersOf(branch!), ['a.conv.bias']);
    assert.deepEqual(branch!.outputs[0]!.name, 'out');
  });

  test('a subgraph of IR version 3 gets its bias as a Constant, as its inputs are nobody’s to feed', () => {
    const pair = convAndBn('a', 'x', 'out');
    const constants = plain.parameters.map((parameter) => {
      const proto = parameter.subarray(2);
      const name = new TextDecoder().decode(parameter).match(/a\.(bn\.)?[a-z]+/)![0];
      return node('Constant', [], [name], { more: [attribute.tensor('value', proto)] });
    });
    const result = fused(
      [
        node('If', ['c'], ['y'], {
          more: [attribute.graph('then_branch', ...constants, ...pair.nodes, output('out'))],
        }),
      ],
      { irVersion: 3, opset: 8 },
    );
    const [, branch] = allGraphs(result.model);
    assert.deepEqual(initializersOf(branch!), []);
    const conv = nodeOf(result.model, 'a.conv');
    assert.deepEqual(readInput(result, conv, 2), foldedBias([0, 0]));
    const order = branch!.nodes.map(({ outputs }) => outputs[0]);
    assert.ok(order.indexOf('a.bias') < order.indexOf('out'));
  });

  test('a pair in a function body gets its bias as a Constant in front of it', () => {
    const pair = convAndBn('a', 'in', 'out', { field: 7 });
    const constants = plain.parameters.map((parameter) => {
      const name = new TextDecoder().decode(parameter).match(/a\.(bn\.)?[a-z]+/)![0];
      const more = [attribute.tensor('value', parameter.subarray(2))];
      return node('Constant', [], [name], { more, field: 7 });
    });
    const body = sub(
      25,
      text(1, 'Block'),
      text(4, 'in'),
      text(5, 'out'),
      ...constants,
      ...pair.nodes,
      value(12, 'a_out', [1]),
    );
    const result = fused([node('Block', ['x'], ['y'])], { more: [body] });
    const block = allGraphs(result.model).find(({ kind }) => kind === 'function')!;
    assert.deepEqual(
      block.nodes.map(({ outputs }) => outputs[0]),
      ['a.weight', 'a.bias', 'out'],
    );
    assert.equal(block.values.size, 0);
    assert.deepEqual(readInput(result, nodeOf(result.model, 'a.conv'), 2), foldedBias([0, 0]));
  });

  test('in IR version 3 initializers come and go together with their graph inputs', () => {
    const inputs = ['a.weight', 'a.bn.gamma', 'a.bn.beta', 'a.bn.mean', 'a.bn.var'].map((name) =>
      input(name, [2]),
    );
    const result = fused([...inputs, ...plain.parameters, ...plain.nodes], {
      irVersion: 3,
      opset: 8,
    });
    const { inputs: after } = mainOf(result);
    assert.deepEqual(
      after.map(({ name }) => name),
      ['x', 'a.weight', 'a.bias'],
    );
    assert.deepEqual(after.at(-1), { name: 'a.bias', elementType: 'float', shape: [2] });
  });
});
