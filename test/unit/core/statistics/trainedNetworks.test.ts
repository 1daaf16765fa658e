import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationError } from '../../../../src/core/errors';
import type { OpenedModel } from '../../../../src/core/model/openedModel';
import type { Pairing } from '../../../../src/core/model/pair';
import { testify, testifying, type Testimony } from '../../../../src/core/statistics/testify';
import { projectPath } from '../../../support/root';
import { job, openedFile, pairOf } from './support/torchFile';

/** Networks trained by test/fixtures/statistics/train.py, whose wiring is known from their code. */
function opened(name: string): { model: OpenedModel; pairing: Pairing } {
  return openedFile(projectPath('test/fixtures/statistics', `${name}.pth`));
}

function tested(name: string): Testimony {
  const { model, pairing } = opened(name);
  return testify(model, pairing, job);
}

function says({ pairing }: Testimony): Record<string, string | undefined> {
  return Object.fromEntries(pairing.pairs.map(({ id, statistics }) => [id, statistics?.says]));
}

function verdicts({ pairs }: Pairing): string[] {
  return pairs.map(({ id, verdict }) => `${id} ${verdict}`);
}

test('confirms a plain chain, with float16 statistics, from the image to the end', () => {
  const testimony = tested('half');
  assert.deepEqual(new Set(Object.values(says(testimony))), new Set(['confirms']));
  assert.equal(testimony.summary.sentence, '5 of 5 pairs confirmed.');
  const { statistics } = pairOf(testimony, 'c.conv', 'c.bn');
  assert.equal(statistics?.from, 'b.bn');
  assert.equal(statistics.activation, 'relu');
  assert.ok((statistics.fit ?? 0) > 0.98, String(statistics.fit));
});

test('names no activation where the numbers fit several alike', () => {
  const testimony = tested('gelu');
  assert.equal(testimony.summary.confirmed, 5);
  assert.equal(testimony.summary.activation, null);
  for (const { statistics } of testimony.pairing.pairs) {
    assert.ok(['gelu', null].includes(statistics?.activation ?? null), statistics?.sentence);
  }
});

test('confirms residual blocks behind a max-pooled stem, and names no layer that does not feed', () => {
  const testimony = tested('residual');
  assert.equal(testimony.summary.sentence, '10 of 10 pairs confirmed.');
  const feeders: Record<string, readonly string[]> = {
    'layer1.0.conv1': ['bn1'],
    'layer1.0.conv2': ['layer1.0.bn1'],
    'layer1.1.conv1': ['bn1', 'layer1.0.bn2'],
    'layer1.1.conv2': ['layer1.1.bn1'],
    'layer2.0.conv1': ['bn1', 'layer1.0.bn2', 'layer1.1.bn2'],
    'layer2.0.conv2': ['layer2.0.bn1'],
    'layer2.0.downsample.0': ['bn1', 'layer1.0.bn2', 'layer1.1.bn2'],
    'layer2.1.conv1': ['layer2.0.bn2', 'layer2.0.downsample.1'],
    'layer2.1.conv2': ['layer2.1.bn1'],
  };
  let named = 0;
  // Whether a window was activated cannot be told from a larger lift.
  assert.notEqual(
    pairOf(testimony, 'layer1.0.conv1', 'layer1.0.bn1').statistics?.activation,
    'none',
  );
  for (const { id, statistics } of testimony.pairing.pairs) {
    if (statistics === null || statistics.from === null) continue;
    named++;
    assert.ok(feeders[id]?.includes(statistics.from), `${id}: ${statistics.sentence}`);
  }
  assert.ok(named >= 1, String(named));
});

test('blocks the one pair with a ReLU between, in a network where the others are proved', () => {
  const testimony = tested('relu_between_once');
  const expected = ['confirms', 'confirms', 'contradicts', 'confirms', 'confirms'];
  assert.deepEqual(Object.values(says(testimony)), expected);
  const { verdict, reasons } = pairOf(testimony, 'conv3', 'bn3');
  assert.equal(verdict, 'blocked');
  assert.ok(reasons.some(({ code }) => code === 'ACTIVATION_BETWEEN'));
});

test('confirms no pair with a tanh or an ELU between, though another activation in front explains it', () => {
  assert.equal(says(tested('tanh_between_once'))['conv3'], 'silent');
  const testimony = tested('elu_between');
  assert.equal(testimony.summary.confirmed, 0, testimony.summary.sentence);
  assert.equal(pairOf(testimony, 'conv1', 'bn1').statistics?.code, 'ALONE');
});

test('blocks pairs with a residual sum between', () => {
  const testimony = tested('sum_between');
  for (const idx of [0, 1, 2]) {
    const { verdict, statistics, reasons } = pairOf(testimony, `conv${idx}`, `bn${idx}`);
    assert.equal(statistics?.says, 'contradicts', statistics?.sentence);
    assert.equal(verdict, 'blocked');
    assert.deepEqual(reasons.at(-1)?.args, ['A residual sum']);
  }
  assert.equal(says(testimony)['out.conv'], 'confirms');
});

test('recovers concatenations', () => {
  const testimony = tested('concatenation');
  const merge = pairOf(testimony, 'merge.conv', 'merge.bn').statistics;
  assert.equal(merge?.fedBy, '[relu(left.bn), relu(right.bn)]');
  assert.equal(merge.activation, 'relu');
  assert.equal(says(testimony)['dense.conv'], 'confirms');
  // Twelve channels that differ little: right, but no proof.
  assert.equal(says(testimony)['left.conv'], 'silent');
  assert.equal(testimony.summary.contradicted, 0);
});

test('sees through squeeze and excitation, depthwise convolutions and linear bottlenecks', () => {
  const testimony = tested('mobile');
  assert.ok(testimony.summary.confirmed >= 13, testimony.summary.sentence);
  assert.equal(testimony.summary.contradicted, 0);
  assert.equal(testimony.summary.activation, 'hardswish');
  const linear = pairOf(testimony, 'blocks.2.expand.conv', 'blocks.2.expand.bn').statistics;
  assert.equal(linear?.from, 'blocks.1.project.bn');
  assert.equal(linear.activation, 'none');
  const gated = pairOf(testimony, 'blocks.1.project.conv', 'blocks.1.project.bn').statistics;
  assert.equal(gated?.fedBy, 'gated(hardswish(blocks.1.depthwise.bn))');
});

test('confirms transposed convolutions and linear layers, and which way a square one is read', () => {
  const testimony = tested('upsampling');
  const said = says(testimony);
  for (const id of ['up1', 'up2', 'linear', 'linear2']) assert.equal(said[id], 'confirms', id);
  assert.equal(pairOf(testimony, 'up2', 'up2_bn').conv.layout, 'IO*');
  assert.equal(testimony.summary.contradicted, 0);
});

test('finds out whether a square weight is transposed, where names leave that open', () => {
  const { model, pairing } = opened('upsampling');
  const asked: Pairing = {
    ...pairing,
    pairs: pairing.pairs.map((pair) =>
      pair.id === 'up2'
        ? {
            ...pair,
            conv: { ...pair.conv, layout: 'OI*' as const },
            verdict: 'blocked' as const,
            reasons: [{ code: 'TRANSPOSE_AMBIGUOUS' as const, message: '', args: [] }],
          }
        : pair,
    ),
  };
  const up = pairOf(testify(model, asked, job), 'up2', 'up2_bn');
  assert.equal(up.conv.layout, 'IO*');
  assert.equal(up.verdict, 'fusable');
  assert.deepEqual(
    up.reasons.map(({ code }) => code),
    ['LAYOUT_FOUND'],
  );
});

test('turns a square weight that names mistook for an ordinary convolution’s, or a transposed one’s', () => {
  const { model, pairing } = opened('upsampling');
  const { model: plain, pairing: plainPairing } = opened('residual');
  const square = plainPairing.pairs.findLast(({ conv: { weight, kernel } }) => {
    const [out, ins] = weight.shape;
    return out === ins && kernel.join() === '3,3';
  })!;
  const cases = [
    {
      of: model,
      all: pairing,
      id: 'up2',
      taken: ['Conv2d', 'OI*'],
      is: ['ConvTranspose2d', 'IO*'],
    },
    {
      of: plain,
      all: plainPairing,
      id: square.id,
      taken: ['ConvTranspose2d', 'IO*'],
      is: ['Conv2d', 'OI*'],
    },
  ] as const;
  for (const { of, all, id, taken, is } of cases) {
    const [type, layout] = taken;
    const mistaken: Pairing = {
      ...all,
      pairs: all.pairs.map((pair) =>
        pair.id === id
          ? { ...pair, conv: { ...pair.conv, type, layout }, verdict: 'fusable' }
          : pair,
      ),
    };
    for (const policy of ['all', 'bevfusion'] as const) {
      const { pairing: found } = testify(of, mistaken, { ...job, policy });
      const pair = found.pairs.find((each) => each.id === id)!;
      assert.deepEqual([pair.conv.type, pair.conv.layout], is);
      assert.equal(pair.statistics?.says, 'confirms');
      const isLeft = policy === 'bevfusion' && pair.conv.layout === 'IO*';
      assert.equal(pair.verdict, isLeft ? 'skipped' : 'fusable');
      const codes = pair.reasons.map(({ code }) => code).filter((code) => code !== 'EPS_ASSUMED');
      assert.deepEqual(codes, isLeft ? ['LAYOUT_FOUND', 'POLICY_BEVFUSION'] : ['LAYOUT_FOUND']);
    }
  }
});

test('blocks every pair of a network with a ReLU between convolution and BatchNorm', () => {
  const testimony = tested('relu_between');
  for (const pair of testimony.pairing.pairs) {
    assert.equal(pair.verdict, 'blocked', pair.id);
    assert.equal(pair.statistics?.says, 'contradicts', pair.id);
    assert.ok(pair.reasons.some(({ code }) => code === 'ACTIVATION_BETWEEN'));
  }
});

test('finds a SiLU between, where signs do not tell', () => {
  const pair = pairOf(tested('silu_between'), 'conv3', 'bn3');
  assert.equal(pair.verdict, 'blocked');
  assert.equal(pair.statistics?.says, 'contradicts');
  assert.match(pair.statistics.sentence, /when an activation such as silu stands between/);
});

test('exposes pairs whose order in the file misleads, and proposes the right ones', () => {
  const { model, pairing } = opened('twins');
  assert.equal(pairing.pairs.find(({ id }) => id === 'left')?.bn.name, 'norm1');
  const testimony = testify(model, pairing, job);
  for (const [conv, bn] of [
    ['left', 'norm1'],
    ['right', 'norm2'],
  ] as const) {
    const wrong = pairOf(testimony, conv, bn);
    assert.equal(wrong.verdict, 'blocked');
    assert.deepEqual(
      wrong.reasons.map(({ code }) => code),
      ['STATISTICS_DISAGREE'],
    );
  }
  for (const [conv, bn] of [
    ['right', 'norm1'],
    ['left', 'norm2'],
  ] as const) {
    const right = pairOf(testimony, conv, bn);
    assert.equal(right.verdict, 'fusable');
    assert.equal(right.statistics?.says, 'confirms');
    assert.equal(right.id, `${conv}#${bn}`);
  }
  // A true pair without a negative mean in 32 channels: what feeds it is only clear once the twins are told apart.
  assert.equal(says(testimony)['out.conv'], 'confirms');
});

test('tells pre-activation blocks from ordinary ones of the same names', () => {
  const testimony = tested('preactivation');
  for (const block of [0, 1, 2]) {
    const prefix = `blocks.${block}`;
    assert.equal(pairOf(testimony, `${prefix}.conv1`, `${prefix}.bn1`).verdict, 'blocked');
    assert.equal(pairOf(testimony, `${prefix}.conv2`, `${prefix}.bn2`).verdict, 'blocked');
    assert.equal(pairOf(testimony, `${prefix}.conv1`, `${prefix}.bn2`).verdict, 'fusable');
  }
  // The stem feeds the first block's BatchNorm and its shortcut: proved, but not to be folded unasked.
  const stem = pairOf(testimony, 'stem', 'blocks.0.bn1');
  assert.equal(stem.statistics?.says, 'confirms');
  assert.equal(stem.verdict, 'blocked');
});

for (const name of ['frozen', 'untrained']) {
  test(`changes no verdict of a network whose statistics are ${name}`, () => {
    const { model, pairing } = opened(name);
    const testimony = testify(model, pairing, job);
    assert.deepEqual(verdicts(testimony.pairing), verdicts(pairing));
    assert.equal(testimony.summary.contradicted, 0);
    assert.equal(testimony.summary.proposed, 0);
  });
}

test('says of an untrained file that its statistics say nothing', () => {
  const { summary } = tested('untrained');
  assert.equal(summary.silent, summary.pairs);
  assert.match(summary.sentence, /say nothing/);
});

for (const [name, layout] of [
  ['sparse_spconv1', '*IO'],
  ['sparse_spconv2', 'O*I'],
] as const) {
  test(`confirms every layer of a sparse encoder kept as ${name}, narrow ones by their neighbours`, () => {
    const testimony = tested(name);
    assert.equal(testimony.summary.sentence, '7 of 7 pairs confirmed.');
    for (const { conv } of testimony.pairing.pairs) assert.equal(conv.layout, layout);
  });
}

test('finds eps where variances are near it, and believes no better source less', () => {
  const { model, pairing } = opened('small_variances');
  assert.deepEqual(new Set(pairing.pairs.map(({ bn }) => bn.epsSource)), new Set(['default']));
  for (const { bn, reasons } of testify(model, pairing, job).pairing.pairs) {
    assert.deepEqual([bn.eps, bn.epsSource], [1e-3, 'statistics'], bn.name);
    assert.ok(!reasons.some(({ code }) => code === 'EPS_ASSUMED'));
  }
  const told: Pairing = {
    ...pairing,
    pairs: pairing.pairs.map((pair) => ({ ...pair, bn: { ...pair.bn, epsSource: 'user' } })),
  };
  for (const { bn } of testify(model, told, job).pairing.pairs) {
    assert.deepEqual([bn.eps, bn.epsSource], [1e-5, 'user'], bn.name);
  }
});

test('confirms no BatchNorm with another convolution of the same width', () => {
  let wrong = 0;
  for (const name of ['half', 'residual', 'mobile', 'upsampling', 'sparse_spconv2', 'gelu']) {
    const { model, pairing } = opened(name);
    const isTrue = new Set(pairing.pairs.map(({ conv, bn }) => `${conv.name} ${bn.name}`));
    for (const shift of [1, 2, 3, 5]) {
      const pairs = pairing.pairs.flatMap((pair) => {
        const alike = pairing.pairs.filter(({ bn }) => bn.channels === pair.bn.channels);
        const other = alike[(alike.indexOf(pair) + shift) % alike.length];
        if (other === undefined || isTrue.has(`${pair.conv.name} ${other.bn.name}`)) return [];
        return [{ ...pair, bn: other.bn }];
      });
      const testimony = testify(model, { ...pairing, pairs }, job);
      wrong += pairs.length;
      for (const { conv, bn, statistics } of testimony.pairing.pairs) {
        const isWrong = !isTrue.has(`${conv.name} ${bn.name}`);
        assert.ok(
          !(isWrong && statistics?.says === 'confirms'),
          `${name}: ${conv.name} ${bn.name}`,
        );
      }
    }
  }
  assert.ok(wrong > 80, String(wrong));
});

test('goes by the edges of a graph: its pairs are confirmed, never blocked', () => {
  const { model, pairing } = opened('relu_between');
  const pairs = pairing.pairs.map((pair) => ({ ...pair, evidence: 'graph' as const }));
  const testimony = testify(model, { ...pairing, pairs }, job);
  assert.deepEqual(verdicts(testimony.pairing), verdicts({ ...pairing, pairs }));
  assert.equal(testimony.summary.contradicted, 0);
});

test('takes no vector for a PReLU that is longer than any BatchNorm: embeddings may be gigabytes', () => {
  const { model, pairing } = opened('residual');
  const { network } = model;
  assert.ok(network.kind === 'modules');
  const [first] = network.modules;
  const shape = [2 ** 30];
  const location = { kind: 'range', source: 0, offset: 0, length: 2 ** 32 } as const;
  const weight = { name: 'embedding.weight', dtype: 'f32', shape, strides: [1], location } as const;
  const embedding = { ...first!, path: 'embedding', tensors: new Map([['weight', weight]]) };
  const watched: OpenedModel = {
    ...model,
    sources: model.sources,
    network: { ...network, modules: [...network.modules, embedding] },
    readValues: (tensor) => {
      assert.notEqual(tensor.name, 'embedding.weight');
      return model.readValues(tensor);
    },
    plan: (folds, options) => model.plan(folds, options),
  };
  assert.ok(testify(watched, pairing, job).summary.confirmed > 0);
});

test('keeps for each pair the points of its picture', () => {
  const { scatters } = tested('twins');
  const picture = scatters.get('right#norm1');
  const [own] = picture?.candidates ?? [];
  assert.equal(own?.conv, 'right');
  assert.equal(own.fedBy, 'relu(stem.bn)');
  assert.equal(picture?.channels.length, 24);
  assert.equal(own.predicted.length, 24);
  const miss = own.predicted.map((mean, row) => (mean - picture.stored[row]!) / picture.std[row]!);
  assert.ok(Math.max(...miss.map(Math.abs)) < 0.5, 'a line');
});

test('reports progress, and stops when it is cancelled', () => {
  const { model, pairing } = opened('residual');
  const seen: number[] = [];
  for (const { done, total } of testifying(model, pairing, 'all')) seen.push(done / total);
  assert.ok(seen.every((share, idx) => share <= 1 && share >= (seen[idx - 1] ?? 0)));
  assert.equal(seen.at(-1), 1);
  let asked = 0;
  const isCancelled = (): boolean => ++asked > 20;
  assert.throws(() => testify(model, pairing, { ...job, isCancelled }), CancellationError);
});
