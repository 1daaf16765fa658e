import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ModuleNetwork } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import { foldedAlready } from '../../../../../src/core/formats/stateDict/foldedAlready';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import {
  expected,
  fuse,
  openBytes,
  tensorValues,
  torchFixture,
} from '../../../../support/torchFixtures';
import { moduleOf, type KnownPair } from '../../../../support/torchPair';

const files = [
  'module.pth',
  'module-protocol1.pth',
  'module-protocol4.pth',
  'module-legacy.pth',
  'module-cyclic.pth',
  'module-torch04.pth',
  'module-python2.pth',
];

/** A module keeps parameters before buffers; a state_dict's order is the same. */
const original = expected.original;

suite('networks saved whole', () => {
  for (const name of files) {
    test(`${name}: reads the tree with classes and attributes`, () => {
      const model = openBytes(torchFixture(name));
      assert.equal(model.format, 'torch-module');
      const network = model.network as ModuleNetwork;
      assert.equal(network.evidence, 'modules');
      assert.deepEqual(classes(model), [
        ': TinyNet',
        'conv1: Conv2d',
        'bn1: BatchNorm2d',
        'relu: ReLU',
        'layer: Sequential',
        'layer.0: Conv2d',
        'layer.1: BatchNorm2d',
        'layer.2: ReLU',
        'depthwise: Conv2d',
        'depthwise_bn: BatchNorm2d',
        'up: ConvTranspose2d',
        'up_bn: BatchNorm2d',
        'head: Conv2d',
      ]);
      const bn = moduleOf(model, 'layer.1');
      assert.equal(bn.classModule, 'torch.nn.modules.batchnorm');
      assert.equal(bn.attributes?.get('eps'), 1e-3);
      assert.equal(bn.attributes.get('training'), false);
      assert.deepEqual(moduleOf(model, 'conv1').attributes!.get('kernel_size'), [3, 3]);
      assert.equal(moduleOf(model, 'relu').attributes?.get('inplace'), true);
    });

    test(`${name}: reads every tensor`, () => {
      assert.deepEqual(tensorValues(openBytes(torchFixture(name))), original);
    });

    test(`${name}: turns BatchNorms into Identity objects and registers biases`, () => {
      const fused = openBytes(fuse(openBytes(torchFixture(name)), expected.pairs, 'fold'));
      assert.deepEqual(byName(tensorValues(fused)), byName(expected.fold));
      for (const { bn } of expected.pairs) {
        const { className, classModule, attributes } = moduleOf(fused, bn);
        assert.equal(className, 'Identity');
        assert.equal(classModule, 'torch.nn.modules.linear');
        assert.deepEqual([...attributes!.keys()], ['training']);
      }
      assert.equal(moduleOf(fused, 'relu').attributes?.get('inplace'), true);
    });

    test(`${name}: keeps the modules in drop-in mode`, () => {
      const before = openBytes(torchFixture(name));
      const fused = openBytes(fuse(before, expected.pairs, 'drop-in'));
      assert.deepEqual(tensorValues(fused), expected.dropIn);
      assert.deepEqual(classes(fused), classes(before));
    });

    test(`${name}: leaves a BatchNorm that is not folded as it is, although it shares its class`, () => {
      const [, second] = expected.pairs;
      const fused = openBytes(fuse(openBytes(torchFixture(name)), [second!], 'fold'));
      const untouched = classes(openBytes(torchFixture(name))).filter(
        (line) => !/^layer.1/.test(line),
      );
      assert.deepEqual(
        classes(fused).filter((line) => !/^layer.1/.test(line)),
        untouched,
      );
      assert.equal(moduleOf(fused, 'up_bn').attributes?.get('eps'), 1e-5);
    });
  }
});

suite('networks saved whole with more than layers', () => {
  const verdictsOf = (name: string): string[] => {
    const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
    return findPairs(openBytes(torchFixture(name)), options).pairs.map(({ id, verdict, reasons }) =>
      [id, verdict, ...reasons.map((reason) => reason.code)].join(' '),
    );
  };

  test('a hook between convolution and BatchNorm blocks their pair; one behind the BatchNorm does not', () => {
    assert.deepEqual(verdictsOf('module-hooks.pth'), [
      'conv1 blocked OPERATOR_BETWEEN',
      'layer.0 blocked OPERATOR_BETWEEN',
      'depthwise fusable',
      'up fusable',
    ]);
  });

  test('the BatchNorm inside a convolution in training for quantization turns neutral, as it is read', () => {
    const model = openBytes(torchFixture('module-qat.pth'));
    assert.equal(moduleOf(model, 'conv').className, 'ConvBn2d');
    const fused = openBytes(fuse(model, [{ conv: 'conv', bn: 'conv.bn', eps: 1e-5 }], 'fold'));
    assert.equal(moduleOf(fused, 'conv.bn').className, 'BatchNorm2d');
    const values = new Map(tensorValues(fused).map((tensor) => [tensor.name, tensor.values]));
    assert.deepEqual(values.get('conv.bn.running_mean'), [0, 0, 0, 0]);
    assert.deepEqual(values.get('conv.bn.weight'), [1, 1, 1, 1]);
  });

  test('one that is folded already says so', () => {
    const fused = openBytes(fuse(openBytes(torchFixture('module.pth')), expected.pairs, 'fold'));
    assert.match(fused.problems.map(({ message }) => message).join(), /Already folded.*Identity/);
    // An Identity in the place of a dropout is no sign of a fold.
    const modules = ['conv', 'drop'].map((path, idx) => ({
      ...moduleOf(fused, ''),
      path,
      className: idx === 0 ? 'Conv2d' : 'Identity',
    }));
    assert.match(foldedAlready(modules)[0]!.message, /^There is no BatchNorm/);
  });
});

suite('sparse networks saved whole', () => {
  const pairs: KnownPair[] = [
    { conv: 'conv_input.0', bn: 'conv_input.1', eps: 1e-3, layout: 'O*I' },
    { conv: 'block.conv1', bn: 'block.bn1', eps: 1e-3, layout: 'O*I' },
    { conv: 'conv_out.0', bn: 'conv_out.1', eps: 1e-3, layout: 'O*I' },
    { conv: 'dense.1', bn: 'dense.2', eps: 1e-5 },
  ];

  test('numbers the children of a SparseSequential anew, and only those', () => {
    const fused = openBytes(fuse(openBytes(torchFixture('module-sparse.pth')), pairs, 'fold'));
    assert.deepEqual(classes(fused), [
      ': SparseEncoder',
      'conv_input: SparseSequential',
      'conv_input.0: SubMConv3d',
      'conv_input.1: ReLU',
      'block: SparseBasicBlock',
      'block.conv1: SubMConv3d',
      'block.bn1: Identity',
      'block.conv2: SubMConv3d',
      'block.bn2: BatchNorm1d',
      'block.relu: ReLU',
      'conv_out: SparseSequential',
      'conv_out.0: SparseConv3d',
      'conv_out.1: ReLU',
      'conv_out.2: SubMConv3d',
      'conv_out.3: BatchNorm1d',
      'conv_out.4: ReLU',
      'dense: Sequential',
      'dense.0: ReLU',
      'dense.1: Conv2d',
      'dense.2: Identity',
    ]);
    assert.deepEqual(moduleOf(fused, 'conv_input.0').tensors.get('bias')?.shape, [4]);
  });

  test('takes ReLUs beside a sparse convolution out of place, and no others', () => {
    const fused = openBytes(fuse(openBytes(torchFixture('module-sparse.pth')), pairs, 'fold'));
    const inplace = (path: string): unknown => moduleOf(fused, path).attributes?.get('inplace');
    assert.deepEqual(
      ['conv_input.1', 'block.relu', 'conv_out.1', 'conv_out.4', 'dense.0'].map(inplace),
      [false, false, false, false, true],
    );
  });

  test('leaves the ReLUs alone when nothing sparse is folded', () => {
    const [, , , dense] = pairs;
    const fused = openBytes(fuse(openBytes(torchFixture('module-sparse.pth')), [dense!], 'fold'));
    assert.equal(moduleOf(fused, 'block.relu').attributes?.get('inplace'), true);
    assert.equal(moduleOf(fused, 'conv_input.1').className, 'BatchNorm1d');
  });
});

function classes(model: OpenedModel): string[] {
  const { modules } = model.network as ModuleNetwork;
  return modules.map(({ path, className }) => `${path}: ${className ?? '?'}`);
}

function byName<T extends { readonly name: string }>(tensors: readonly T[]): T[] {
  return tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
