import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ModuleSketch } from '../../../../support/moduleNetwork';
import { findingSentence } from '../../../../../src/core/model/findingSentence';
import type { StatisticsFinding } from '../../../../../src/core/model/pair';
import { reason } from '../../../../../src/core/model/reason';
import type { Surroundings } from '../../../../../src/core/model/surroundings';
import type { SurroundedPair } from '../../../../../src/core/pairing/surroundings/surroundedPair';
import { surroundings } from '../../../../../src/core/pairing/surroundings/surroundings';
import { GraphBuilder } from '../../../../support/graphBuilder';
import { batchNorm, moduleNetwork } from '../../../../support/moduleNetwork';

function pair(conv: string, bn: string, patch: Partial<SurroundedPair> = {}): SurroundedPair {
  return {
    conv: { name: conv, type: 'Conv' },
    bn: { name: bn, type: 'BatchNormalization' },
    statistics: null,
    reasons: [],
    ...patch,
  };
}

function finding(patch: Partial<StatisticsFinding>): StatisticsFinding {
  return {
    ...findingSentence('NEVER_TRAINED'),
    says: 'confirms',
    fit: 0.99,
    from: null,
    activation: null,
    negativeMeans: 0.5,
    ...patch,
  };
}

/** Every connection as `from → to`, with its basis where it is not data flow. */
function arrows({ layers, connections }: Surroundings): string[] {
  const name = (idx: number): string => layers[idx]?.name ?? '?';
  return connections
    .map(({ from, to, basis }) => {
      const arrow = `${name(from)} → ${name(to)}`;
      return basis === 'graph' ? arrow : `${arrow} (${basis})`;
    })
    .sort();
}

function rows({ layers }: Surroundings): Record<string, number> {
  return Object.fromEntries(layers.map(({ name, row }) => [name, row]));
}

describe('around a pair of a graph', () => {
  /** The second half of a residual block: relu0 → conv → bn → add → relu, with a shortcut from relu0 to add. */
  const residual = new GraphBuilder()
    .input('x')
    .node('Relu', ['x'], ['r'], { name: 'relu0' })
    .conv('r')
    .batchNorm()
    .node('Add', ['y', 'r'], ['a'], { name: 'add' })
    .node('Relu', ['a'], ['z'], { name: 'relu1' })
    .output('z');

  it('shows what feeds the convolution and what reads the BatchNorm, shortcuts included', () => {
    const { network } = residual.model();
    const found = surroundings(network, pair('conv', 'bn'), []);
    assert.deepEqual(arrows(found), [
      'bn → add',
      'conv → bn',
      'relu0 → add',
      'relu0 → conv',
      'x → relu0',
    ]);
    assert.deepEqual(rows(found), { x: 0, relu0: 1, conv: 2, bn: 3, add: 4 });
    assert.equal(found.layers.find(({ name }) => name === 'x')?.kind, 'input');
  });

  it('goes on past activations to the next layer with weights, and stops there', () => {
    const { network } = new GraphBuilder()
      .input('x')
      .batchNorm('x', 'b', { name: 'bn0' })
      .node('Relu', ['b'], ['r'], { name: 'relu0' })
      .conv('r')
      .batchNorm()
      .node('Relu', ['y'], ['s'], { name: 'relu1' })
      .node('Conv', ['s', 'w'], ['t'], { name: 'next' })
      .node('Relu', ['t'], ['u'], { name: 'far' })
      .output('u')
      .model();
    assert.deepEqual(arrows(surroundings(network, pair('conv', 'bn'), [])), [
      'bn → relu1',
      'bn0 → relu0',
      'conv → bn',
      'relu0 → conv',
      'relu1 → next',
    ]);
  });

  it('shows what stands between, and who else reads the convolution', () => {
    const { network } = new GraphBuilder()
      .input('x')
      .conv()
      .node('Relu', ['c'], ['r'], { name: 'between' })
      .batchNorm('r')
      .node('Add', ['y', 'c'], ['a'], { name: 'add' })
      .node('Sigmoid', ['c'], ['s'], { name: 'other' })
      .output('a')
      .output('c')
      .model();
    const found = surroundings(network, pair('conv', 'bn'), []);
    const roles = Object.fromEntries(found.layers.map(({ name, role }) => [name, role]));
    assert.equal(roles['between'], 'between');
    assert.equal(roles['add'], 'after');
    assert.equal(roles['other'], 'beside');
    assert.equal(roles['c'], 'beside');
    assert.ok(arrows(found).includes('conv → other'));
    assert.ok(arrows(found).includes('conv → c'));
  });

  it('orders the two halves of a swish one below the other', () => {
    const { network } = new GraphBuilder()
      .input('x')
      .conv()
      .batchNorm()
      .node('Sigmoid', ['y'], ['s'], { name: 'sigmoid' })
      .node('Mul', ['y', 's'], ['z'], { name: 'mul' })
      .output('z')
      .model();
    const found = surroundings(network, pair('conv', 'bn'), []);
    const { bn, sigmoid, mul } = rows(found);
    assert.deepEqual([sigmoid, mul], [(bn ?? 0) + 1, (bn ?? 0) + 2]);
  });

  it('counts the readers it leaves out', () => {
    const builder = new GraphBuilder().input('x').conv().batchNorm();
    for (let idx = 0; idx < 10; idx++) builder.node('Relu', ['y'], [`z${idx}`]).output(`z${idx}`);
    const { network } = builder.model();
    const found = surroundings(network, pair('conv', 'bn'), []);
    assert.equal(found.layers.find(({ role }) => role === 'bn')?.moreReaders, 7);
    assert.equal(found.layers.filter(({ role }) => role === 'after').length, 3);
  });

  it('ends in a graph that runs in a circle', () => {
    const { network } = new GraphBuilder()
      .node('Relu', ['y'], ['r'], { name: 'loop' })
      .conv('r')
      .batchNorm()
      .model();
    const found = surroundings(network, pair('conv', 'bn'), []);
    assert.deepEqual(arrows(found), ['bn → loop', 'conv → bn', 'loop → conv']);
  });

  it('finds the layers of a subgraph with what its surroundings feed in', () => {
    const body = new GraphBuilder('if/then_branch', 'subgraph')
      .conv('outer')
      .batchNorm()
      .output('y')
      .graph();
    const { network } = new GraphBuilder()
      .input('x')
      .node('Relu', ['x'], ['outer'], { name: 'feeder' })
      .node('If', ['cond'], ['z'], { name: 'if', subgraphs: [body] })
      .output('z')
      .model();
    assert.deepEqual(arrows(surroundings(network, pair('conv', 'bn'), [])), [
      'bn → y',
      'conv → bn',
      'feeder → conv',
      'x → feeder',
    ]);
  });

  it('is empty where the file has no such layers', () => {
    const { network } = residual.model();
    assert.deepEqual(surroundings(network, pair('gone', 'bn'), []), {
      layers: [],
      connections: [],
    });
  });
});

describe('around a pair without data flow', () => {
  const conv = { weight: [8, 8, 3, 3] } as const;
  const names: readonly ModuleSketch[] = [
    ['a.conv', conv],
    ['a.bn', batchNorm(8)],
    ['b.conv', conv],
    ['b.bn', batchNorm(8)],
    ['c.conv', conv],
  ];

  it('says what the statistics found, and that they did', () => {
    const own = pair('b.conv', 'b.bn', {
      statistics: finding({ from: 'a.bn', activation: 'relu' }),
    });
    const next = pair('c.conv', 'c.bn', {
      statistics: finding({ from: 'b.bn', activation: 'relu6' }),
    });
    const found = surroundings(moduleNetwork(names), own, [next]);
    assert.deepEqual(arrows(found), [
      'a.bn → relu (statistics)',
      'b.bn → relu6 (statistics)',
      'b.conv → b.bn (statistics)',
      'relu → b.conv (statistics)',
      'relu6 → c.conv (statistics)',
    ]);
    assert.deepEqual(
      found.layers.find(({ name }) => name === 'a.bn'),
      {
        role: 'before',
        kind: 'layer',
        name: 'a.bn',
        type: 'BatchNorm',
        row: 0,
        moreInputs: 0,
        moreReaders: 0,
      },
    );
  });

  it('falls back on the order of registration, and says so', () => {
    const found = surroundings(moduleNetwork(names), pair('b.conv', 'b.bn'), []);
    assert.deepEqual(arrows(found), [
      'a.bn → b.conv (order)',
      'b.bn → c.conv (order)',
      'b.conv → b.bn (names)',
    ]);
  });

  it('claims nothing of what feeds a layer where keys are sorted', () => {
    const network = moduleNetwork(names, { sorted: true });
    const found = surroundings(network, pair('b.conv', 'b.bn'), []);
    assert.deepEqual(arrows(found), ['b.conv → b.bn (names)']);
  });

  it('shows an input of several layers in words', () => {
    const statistics = finding({ from: 'a.bn', activation: 'relu', fedBy: 'relu(a.bn + z.bn)' });
    const found = surroundings(moduleNetwork(names), pair('b.conv', 'b.bn', { statistics }), []);
    assert.ok(arrows(found).includes('relu(a.bn + z.bn) → b.conv (statistics)'));
  });

  it('shows what is suspected to stand between', () => {
    const reasons = [reason('ACTIVATION_BETWEEN', 'A ReLU')];
    const found = surroundings(moduleNetwork(names), pair('b.conv', 'b.bn', { reasons }), []);
    assert.ok(arrows(found).includes('b.conv → A ReLU (statistics)'));
    assert.ok(arrows(found).includes('A ReLU → b.bn (statistics)'));
  });

  it('follows a Sequential step by step, and the statistics from there', () => {
    const network = moduleNetwork(
      [
        ['seq', {}, { className: 'Sequential' }],
        ['seq.0', {}, { className: 'ReLU' }],
        ['seq.1', conv, { className: 'Conv2d' }],
        ['seq.2', batchNorm(8), { className: 'BatchNorm2d' }],
        ['seq.3', {}, { className: 'ReLU' }],
        ['last', conv, { className: 'Conv2d' }],
      ],
      { evidence: 'modules' },
    );
    const own = pair('seq.1', 'seq.2', {
      statistics: finding({ from: 'a.bn', activation: 'relu' }),
    });
    const next = pair('last', 'last_bn', {
      statistics: finding({ from: 'seq.2', activation: 'relu' }),
    });
    assert.deepEqual(arrows(surroundings(network, own, [next])), [
      'a.bn → seq.0 (statistics)',
      'seq.0 → seq.1 (sequence)',
      'seq.1 → seq.2 (sequence)',
      'seq.2 → seq.3 (sequence)',
      'seq.3 → last (statistics)',
    ]);
  });

  it('takes quantizers of the convolution for no layers', () => {
    const network = moduleNetwork([
      ['conv', conv],
      ['conv._weight_quantizer', { _amax: [8, 1, 1, 1] }],
      ['bn', batchNorm(8)],
      ['next', conv],
    ]);
    assert.deepEqual(arrows(surroundings(network, pair('conv', 'bn'), [])), [
      'bn → next (order)',
      'conv → bn (names)',
    ]);
  });
});
