import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { graph, pairing } from '../../../../support/graphPairs';

const weight = [16, 3, 3, 3, 5];

describe('NVIDIA’s sparse files', () => {
  test('a convolution without bias would crash libspconv', () => {
    const builder = graph().initializer('w', weight).node('SparseConvolution', ['x', 'w'], ['c']);
    const [problem] = pairing(builder).problems;
    assert.equal(problem?.severity, 'error');
    assert.equal(problem.layer, 'SparseConvolution_c');
    assert.match(problem.message, /no bias/);
  });

  test('one that gets its bias by folding is fine', () => {
    const builder = graph().initializer('w', weight).node('SparseConvolution', ['x', 'w'], ['c']);
    assert.deepEqual(pairing(builder.batchNorm('c', 'y', { channels: 16 })).problems, []);
  });

  test('a BatchNorm1d and a Relu left behind are found, a Relu behind a sum is right', () => {
    const builder = graph().initializer('w', weight).initializer('b', [16]);
    builder.node('SparseConvolution', ['x', 'w', 'b'], ['c']).node('Relu', ['c'], ['r']);
    builder
      .node('BatchNorm1d', ['r'], ['n'])
      .node('Add', ['n', 'r'], ['s'])
      .node('Relu', ['s'], ['t']);
    const { problems } = pairing(builder);
    assert.deepEqual(
      problems.slice(0, 2).map(({ severity, layer }) => [severity, layer]),
      [
        ['warning', 'Relu_r'],
        ['error', 'BatchNorm1d_n'],
      ],
    );
  });
});

describe('files folded before', () => {
  const names: readonly [string, RegExp][] = [
    ['ConvBnFusion_W_conv1.weight', /ONNX Runtime/],
    ['onnx::Conv_123', /PyTorch/],
    ['conv1.weight_fused_bn', /PyTorch/],
    ['CONSTANTS.c0', /PyTorch’s freezing/],
  ];
  for (const [name, tool] of names) {
    test(`are known by the weight’s name ${name}`, () => {
      const builder = graph().initializer(name, [4, 3, 3, 3]).node('Conv', ['x', name], ['c']);
      const [problem] = pairing(builder).problems;
      assert.equal(problem?.severity, 'info');
      assert.match(problem.message, tool);
      assert.match(problem.message, /already folded/);
      assert.ok(problem.message.includes(name));
    });
  }

  test('are known by the biases of sparse convolutions', () => {
    const builder = graph().initializer('w', weight).initializer('b', [16]);
    const [problem] = pairing(builder.node('SparseConvolution', ['x', 'w', 'b'], ['c'])).problems;
    assert.match(problem?.message ?? '', /NVIDIA/);
  });

  test('are not suspected while there is a BatchNorm', () => {
    const builder = graph().initializer('onnx::Conv_1', [4, 3, 3, 3]);
    builder.node('Conv', ['x', 'onnx::Conv_1'], ['c']).batchNorm();
    assert.deepEqual(pairing(builder).problems, []);
  });
});
