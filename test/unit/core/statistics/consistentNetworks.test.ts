import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WeightLayout } from '../../../../src/core/model/layer';
import type { Module } from '../../../../src/core/model/network';
import type { OpenedModel } from '../../../../src/core/model/openedModel';
import type { Pair } from '../../../../src/core/model/pair';
import type { Tensor } from '../../../../src/core/model/tensor';
import { reason } from '../../../../src/core/model/reason';
import { examineNetwork } from '../../../../src/core/statistics/examineNetwork';
import type { NetworkTestimony } from '../../../../src/core/statistics/examineNetwork';
import {
  ConsistentNetwork,
  rectified,
  throughWeights,
  type Moments,
} from './support/consistentNetwork';
import { pairOf } from './support/memoryModel';

/** Networks made up in memory, whose statistics follow from their weights. */
const WIDTH = 32;
const image = { mean: [0.8, -0.5, 0.3], std: [1, 1, 1] };

function examined(
  model: OpenedModel,
  pairs: readonly Pair[],
  modules: readonly Module[] = [],
  maxWork = Infinity,
): NetworkTestimony {
  const work = examineNetwork(model, { modules, pairs }, 'all', () => false, maxWork);
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

/** Modules in this order, with a `weight` where one is given: those of pairs need none. */
function modulesOf(paths: readonly string[], weights: Readonly<Record<string, Tensor>>): Module[] {
  return paths.map((path) => ({
    dict: '',
    path,
    className: null,
    classModule: null,
    tensors: new Map(
      Object.entries(weights).flatMap(([owner, weight]) =>
        owner === path ? [['weight', weight]] : [],
      ),
    ),
    attributes: null,
    version: null,
  }));
}

/** A first layer on an image, and a second one behind its ReLU whose weight is stored as `layout`. */
function twoLayers(layout: WeightLayout): {
  network: ConsistentNetwork;
  pairs: Pair[];
  outputs: Moments[];
} {
  const network = new ConsistentNetwork();
  const weights = (inputs: number): number[][] =>
    Array.from({ length: WIDTH }, () => network.randoms(inputs));
  const first = weights(3);
  const a = network.batchNorm('a.bn', throughWeights(first, image));
  const second = weights(WIDTH);
  const b = network.batchNorm('b.bn', throughWeights(second, rectified(a.out)));
  const pairs = [
    pairOf(network.pointwise('a.conv', first), a.bn),
    pairOf(network.pointwise('b.conv', second, layout), b.bn),
  ];
  return { network, pairs, outputs: [a.out, b.out] };
}

for (const layout of ['IO-flat', 'O*I'] as const) {
  test(`finds out that a square sparse 1×1 weight is used as ${layout}`, () => {
    const { network, pairs } = twoLayers(layout);
    const [first, second] = pairs;
    assert.ok(first && second);
    const other = layout === 'O*I' ? 'IO-flat' : 'O*I';
    const asked: Pair = {
      ...second,
      conv: { ...second.conv, layout: other },
      verdict: 'blocked',
      reasons: [reason('LAYOUT_1X1_AMBIGUOUS')],
    };
    const judged = examined(network.builder.build(), [first, asked]).judged[1];
    assert.equal(judged?.conv.layout, layout);
    assert.equal(judged.verdict, 'fusable');
    assert.equal(judged.statistics?.fedBy, 'relu(a.bn)');
    assert.deepEqual(
      judged.reasons.map(({ code }) => code),
      ['LAYOUT_FOUND'],
    );
  });
}

test('says nothing about a layer that weight decay has brought to nothing', () => {
  const { network, pairs } = twoLayers('OI*');
  // As real files hold them: the running means stop at a few of float32's smallest numbers, all of one sign.
  const left = new Array<number>(WIDTH).fill(5.6e-45);
  const tiny = (): number[] => network.randoms(WIDTH).map((value) => 1e-40 * value);
  const dead = network.builder.batchNorm('c.bn', {
    mean: left,
    variance: left,
    gamma: tiny(),
    beta: tiny(),
  });
  const weights = Array.from({ length: WIDTH }, tiny);
  pairs.push(pairOf(network.pointwise('c.conv', weights), dead));
  const { judged } = examined(network.builder.build(), pairs);
  assert.deepEqual(
    judged.map(({ statistics }) => statistics?.says),
    ['confirms', 'confirms', 'silent'],
  );
});

test('sees through a depthwise convolution without a BatchNorm of its own, however it is registered', () => {
  const network = new ConsistentNetwork();
  const weights = (outputs: number, inputs: number): number[][] =>
    Array.from({ length: outputs }, () => network.randoms(inputs));
  const first = weights(WIDTH, 3);
  const a = network.batchNorm('a.bn', throughWeights(first, image));
  const depthwise = network.randoms(WIDTH);
  const second = weights(WIDTH, WIDTH);
  const scaled = second.map((row) => row.map((weight, input) => weight * (depthwise[input] ?? 0)));
  const b = network.batchNorm('b.bn', throughWeights(scaled, rectified(a.out)));
  const link = network.builder.conv('b.depthwise', [WIDTH, 1, 1, 1], depthwise, { groups: WIDTH });
  const pairs = [
    pairOf(network.pointwise('a.conv', first), a.bn),
    pairOf(network.pointwise('b.pointwise', second), b.bn),
  ];
  const paths = ['a.conv', 'a.bn', 'b.depthwise', 'b.pointwise', 'b.bn'];
  const modules = modulesOf(paths, { 'b.depthwise': link.weight });
  const found = examined(network.builder.build(), pairs, modules).judged[1]?.statistics;
  assert.equal(found?.says, 'confirms');
  assert.equal(found.fedBy, 'b.depthwise(relu(a.bn))');
});

test('sees through it what two layers add up to, as in the top-down path of a feature pyramid', () => {
  const { network, pairs, outputs } = twoLayers('OI*');
  const [a, b] = outputs.map(rectified);
  assert.ok(a && b);
  const sum = {
    mean: a.mean.map((mean, channel) => mean + (b.mean[channel] ?? 0)),
    std: a.std.map((std, channel) => Math.hypot(std, b.std[channel] ?? 0)),
  };
  const depthwise = network.randoms(WIDTH);
  const pointwise = Array.from({ length: WIDTH }, () => network.randoms(WIDTH));
  const scaled = pointwise.map((row) => row.map((weight, i) => weight * (depthwise[i] ?? 0)));
  const c = network.batchNorm('c.bn', throughWeights(scaled, sum));
  const link = network.builder.conv('c.depthwise', [WIDTH, 1, 1, 1], depthwise, { groups: WIDTH });
  pairs.push(pairOf(network.pointwise('c.pointwise', pointwise), c.bn));
  const paths = ['a.conv', 'a.bn', 'b.conv', 'b.bn', 'c.depthwise', 'c.pointwise', 'c.bn'];
  const modules = modulesOf(paths, { 'c.depthwise': link.weight });
  const found = examined(network.builder.build(), pairs, modules).judged[2]?.statistics;
  assert.equal(found?.says, 'confirms');
  assert.equal(found.fedBy, 'c.depthwise(relu(b.bn) + relu(a.bn))');
});

test('takes slopes that the file stores behind a BatchNorm for its PReLU, though a ReLU fits as well', () => {
  const { network, pairs } = twoLayers('OI*');
  const slopes = network.builder.tensor(
    'a.act.weight',
    [WIDTH],
    new Array<number>(WIDTH).fill(1e-3),
  );
  const paths = ['a.conv', 'a.bn', 'a.act', 'b.conv', 'b.bn'];
  const modules = modulesOf(paths, { 'a.act': slopes });
  const found = examined(network.builder.build(), pairs, modules).judged[1]?.statistics;
  assert.equal(found?.fedBy, 'prelu(a.bn)');
});

test('stays silent, with the reason, when the work allowed is used up', () => {
  const { network, pairs } = twoLayers('OI*');
  const model = network.builder.build();
  const [, free] = examined(model, pairs).judged;
  assert.equal(free?.statistics?.says, 'confirms');
  const [, limited] = examined(model, pairs, [], 0).judged;
  assert.equal(limited?.statistics?.says, 'silent');
  assert.equal(limited.statistics.code, 'WORK_LIMIT');
  assert.equal(limited.verdict, pairs[1]?.verdict);
});

test('lets others in between pieces of work', () => {
  const { network, pairs } = twoLayers('OI*');
  let steps = 0;
  const work = examineNetwork(
    network.builder.build(),
    { modules: [], pairs },
    'all',
    () => false,
    1e9,
  );
  while (work.next().done !== true) steps++;
  assert.ok(steps >= 4 * pairs.length, String(steps));
});
