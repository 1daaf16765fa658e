import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertVerdict, graph, onlyPair } from '../../../../support/graphPairs';

describe('training and inference', () => {
  const withOutputs = (...outputs: string[]) =>
    graph()
      .conv()
      .batchNorm('c', 'y', { outputs: ['y', ...outputs] });
  const withAttributes = (attributes: Record<string, number>, outputs: readonly string[] = ['y']) =>
    graph().conv().batchNorm('c', 'y', { attributes, outputs });

  test('training_mode blocks with one output too, also where the opset does not know it', () => {
    assertVerdict(onlyPair(withAttributes({ training_mode: 1 })), 'blocked', 'TRAINING_MODE');
    assertVerdict(onlyPair(withAttributes({ training_mode: 0 })), 'fusable');
    for (const opset of [1, 9]) {
      const pair = onlyPair(withAttributes({ training_mode: 1 }), { opset });
      assertVerdict(pair, 'blocked', 'TRAINING_MODE');
    }
  });

  test('an is_test that the caller of a function chooses blocks', () => {
    const attributes = { is_test: { kind: 'ref', value: 'mode' } } as const;
    const pair = onlyPair(graph().conv().batchNorm('c', 'y', { attributes }), { opset: 6 });
    assertVerdict(pair, 'blocked', 'PARAMETERS_NOT_CONSTANT');
  });

  test('a training_mode that the caller of a function chooses blocks', () => {
    const attributes = { training_mode: { kind: 'ref', value: 'mode' } } as const;
    const pair = onlyPair(graph().conv().batchNorm('c', 'y', { attributes }));
    assertVerdict(pair, 'blocked', 'TRAINING_MODE');
  });

  for (const opset of [7, 9, 13]) {
    test(`more than one output is the training form in opset ${opset}`, () => {
      const pair = onlyPair(withOutputs('m', 'v', 'sm', 'sv'), { opset });
      assertVerdict(pair, 'blocked', 'TRAINING_FORM_OUTPUTS');
      assert.match(pair.reasons[0]!.message, /5 outputs.*opset/);
    });

    test(`outputs without a name are absent in opset ${opset}`, () => {
      assertVerdict(onlyPair(withOutputs('', '', '', ''), { opset }), 'fusable');
    });
  }

  for (const opset of [1, 6]) {
    test(`opset ${opset} says inference by is_test, whatever the outputs`, () => {
      const outputs = ['y', 'm', 'v', 'sm', 'sv'];
      assertVerdict(onlyPair(withAttributes({ is_test: 1 }), { opset }), 'fusable');
      assertVerdict(onlyPair(withAttributes({ is_test: 1 }, outputs), { opset }), 'fusable');
    });

    test(`opset ${opset} blocks when somebody reads the other outputs`, () => {
      const builder = withAttributes({ is_test: 1 }, ['y', 'm', 'v']).node('Relu', ['m'], ['z']);
      assertVerdict(onlyPair(builder, { opset }), 'blocked', 'TRAINING_FORM_OUTPUTS');
    });

    test(`opset ${opset} without is_test is assumed to be inference when only Y is used`, () => {
      assertVerdict(onlyPair(withAttributes({}), { opset }), 'fusable', 'IS_TEST_AMBIGUOUS');
      const pair = onlyPair(withOutputs('m', 'v'), { opset });
      assertVerdict(pair, 'blocked', 'TRAINING_FORM_OUTPUTS');
    });
  }

  test('spatial = 0 blocks, also where the opset does not know it any more', () => {
    for (const opset of [6, 8, 9]) {
      const pair = onlyPair(withAttributes({ spatial: 0, is_test: 1 }), { opset });
      assertVerdict(pair, 'blocked', 'STATISTICS_PER_POSITION');
    }
    assertVerdict(onlyPair(withAttributes({ spatial: 1, is_test: 1 }), { opset: 8 }), 'fusable');
  });
});

describe('epsilon', () => {
  const bn = (epsilon: number) =>
    graph()
      .conv()
      .batchNorm('c', 'y', { attributes: { epsilon: { kind: 'float', value: epsilon } } });

  test('is the attribute’s float32, as the file has it', () => {
    const pair = onlyPair(bn(Math.fround(1e-3)));
    assert.equal(pair.bn.eps, 0.0010000000474974513);
    assert.equal(pair.bn.epsSource, 'attribute');
  });

  test('is 1e-5 as float32 where the attribute is absent, whatever the momentum', () => {
    const attributes = { momentum: 0.5 };
    const pair = onlyPair(graph().conv().batchNorm('c', 'y', { attributes }));
    assert.equal(pair.bn.eps, 0.000009999999747378752);
    assert.equal(pair.bn.epsSource, 'attribute');
    assertVerdict(pair, 'fusable');
  });

  test('of the user goes by the longest prefix of the BatchNorm’s name', () => {
    const eps = [
      { prefix: '', value: 1 },
      { prefix: 'bn', value: 2 },
      { prefix: 'bn1', value: 3 },
    ];
    const pair = onlyPair(bn(1e-5), { options: { eps } });
    assert.equal(pair.bn.eps, 2);
    assert.equal(pair.bn.epsSource, 'user');
  });

  test('that a function takes from its call is not known', () => {
    const attributes = { epsilon: { kind: 'ref', value: 'eps' } } as const;
    const builder = graph().conv().batchNorm('c', 'y', { attributes });
    assertVerdict(onlyPair(builder), 'blocked', 'PARAMETERS_NOT_CONSTANT');
    const eps = [{ prefix: '', value: 1e-3 }];
    assertVerdict(onlyPair(builder, { options: { eps } }), 'fusable');
  });
});
