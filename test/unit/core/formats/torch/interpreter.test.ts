import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import { allGraphs } from '../../../../support/onnxPair';
import { scriptArchive, type ScriptSketch } from '../../../../support/scriptArchive';
import { openBytes } from '../../../../support/torchFixtures';

const conv: ScriptSketch = { className: 'Conv', attributes: { weight: [2, 2, 1, 1] } };
const bn: ScriptSketch = {
  className: 'Norm',
  attributes: { weight: [2], bias: [2], running_mean: [2], running_var: [2], training: false },
};

const layers = `
class Conv(Module):
  weight : Tensor
  kernel_size : Final[Tuple[int, int]] = (1, 1)
  def forward(self: __torch__.Conv, x: Tensor) -> Tensor:
    return torch.conv2d(x, self.weight, None, [1, 1], [0, 0], [1, 1])
class Norm(Module):
  eps : Final[float] = 0.001
  def forward(self: __torch__.Norm, x: Tensor) -> Tensor:
    if self.training:
      mode = True
    else:
      mode = False
    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var, mode, 0.1, 0.001, True)
`;

/** A network of a convolution and a BatchNorm whose `forward` has this body. */
function network(body: string, more: ScriptSketch['attributes'] = {}): OpenedModel {
  const indented = body.trim().replace(/^/gm, '    ');
  const code = `${layers}
class Net(Module):
  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
    conv = self.conv
    bn = self.bn
${indented}
`;
  return openBytes(scriptArchive(code, { className: 'Net', attributes: { conv, bn, ...more } }));
}

/** Verdict and reason codes of the pairs. */
function verdicts(model: OpenedModel): string[] {
  const { pairs } = findPairs(model, { policy: 'all', eps: [], layout: 'auto', structure: null });
  return pairs.map(({ verdict, reasons }) =>
    [verdict, ...reasons.map(({ code }) => code)].join(' '),
  );
}

suite('following TorchScript code', () => {
  const bodies: [string, string, string[]][] = [
    ['a plain pair', 'return (bn).forward((conv).forward(x, ), )', ['fusable']],
    [
      'an activation in place on the same variable',
      'y = (conv).forward(x, )\n_0 = torch.relu_(y)\nreturn (bn).forward(y, )',
      ['blocked ACTIVATION_BETWEEN'],
    ],
    [
      'an operator in place on a view of the variable',
      'y = (conv).forward(x, )\n_0 = torch.mul_(torch.view(y, [-1]), 2)\nreturn (bn).forward(y, )',
      ['blocked OPERATOR_BETWEEN OPERATOR_BETWEEN'],
    ],
    [
      'an output that is read twice',
      'y = (conv).forward(x, )\nreturn torch.add((bn).forward(y, ), y)',
      ['blocked CONV_OUTPUT_REUSED'],
    ],
    [
      'an output whose shape is asked for',
      'y = (conv).forward(x, )\n_0 = torch.size(y, 0)\n_1 = torch.dim(y)\nreturn (bn).forward(y, )',
      ['fusable'],
    ],
    [
      'a BatchNorm that only one branch takes',
      'y = (conv).forward(x, )\nif bool(torch.sum(x)):\n  z = (bn).forward(y, )\nelse:\n  z = y\nreturn z',
      ['blocked CONV_OUTPUT_REUSED'],
    ],
    [
      'a branch that raises',
      'y = (conv).forward(x, )\nif torch.ne(torch.dim(x), 4):\n  ops.prim.RaiseException("no")\nelse:\n  pass\nreturn (bn).forward(y, )',
      ['fusable'],
    ],
    [
      'a branch on a constant',
      'if torch.__is__(None, None):\n  y = (conv).forward(x, )\nelse:\n  y = torch.relu((conv).forward(x, ))\nreturn (bn).forward(y, )',
      ['fusable'],
    ],
    [
      'a loop of known length over a list',
      'xs = [x, x]\nys = annotate(List[Tensor], [])\nfor i in range(torch.len(xs)):\n  _0 = torch.append(ys, xs[i])\nreturn (bn).forward((conv).forward(ys[1], ), )',
      ['fusable'],
    ],
    [
      'a loop of unknown length',
      'y = x\nfor i in range(int(torch.sum(x))):\n  y = (bn).forward((conv).forward(y, ), )\nreturn y',
      ['fusable'],
    ],
    [
      'a while loop that only a run could end',
      'y = (conv).forward(x, )\nwhile bool(torch.gt(torch.sum(x), 1)):\n  y = torch.relu(y)\nreturn (bn).forward(y, )',
      [],
    ],
    [
      'tuples, dicts and subscripts',
      'a, b, = (x, (conv).forward(x, ))\nd = {"out": b}\nreturn (bn).forward(d["out"], )',
      ['fusable'],
    ],
    [
      'a module that runs twice',
      'y = (bn).forward((conv).forward(x, ), )\nreturn torch.add(y, (conv).forward(y, ))',
      ['blocked SHARED_WEIGHT_TIED'],
    ],
    [
      'dropout that is off',
      'y = torch.dropout((conv).forward(x, ), 0.5, False)\nreturn (bn).forward(y, )',
      ['fusable'],
    ],
    [
      'dropout that is on',
      'y = torch.dropout((conv).forward(x, ), 0.5, True)\nreturn (bn).forward(y, )',
      ['blocked OPERATOR_BETWEEN'],
    ],
    [
      'a choice within an expression',
      'y = (conv).forward(x, ) if True else x\nreturn (bn).forward(y, )',
      ['fusable'],
    ],
  ];
  for (const [what, body, expectedVerdicts] of bodies) {
    test(`follows ${what}`, () => {
      const model = network(body);
      assert.equal(model.network.kind, 'graph', model.problems[0]?.message);
      assert.deepEqual(verdicts(model), expectedVerdicts);
    });
  }

  test('says that a BatchNorm in training mode is one', () => {
    const training = { ...bn, attributes: { ...bn.attributes, training: true } };
    const model = network('return (bn).forward((conv).forward(x, ), )', { bn: training });
    assert.deepEqual(verdicts(model), ['blocked TRAINING_MODE']);
  });

  test('takes missing gamma and beta for ones and zeros', () => {
    const plain = { ...bn, attributes: { ...bn.attributes, weight: null, bias: null } };
    const model = network('return (bn).forward((conv).forward(x, ), )', { bn: plain });
    assert.deepEqual(verdicts(model), ['fusable']);
    const [graph] = allGraphs(model);
    const tensor = graph!.initializers.get('bn.weight (absent)')!;
    assert.deepEqual([...model.readValues(tensor)], [1, 1]);
  });

  test('folds a linear layer only where its input is known to be a matrix', () => {
    const fc = { className: 'Linear', attributes: { weight: [2, 2], bias: [2] } };
    const code = `${layers}
class Linear(Module):
  def forward(self: __torch__.Linear, x: Tensor) -> Tensor:
    return torch.linear(x, self.weight, self.bias)
class Net(Module):
  def forward(self: __torch__.Net, x: Tensor) -> Tensor:
    return (self.bn).forward((self.fc).forward(INPUT, ), )
`;
    const root = { className: 'Net', attributes: { fc, bn } };
    const open = (input: string): OpenedModel =>
      openBytes(scriptArchive(code.replace('INPUT', input), root));
    assert.deepEqual(verdicts(open('torch.flatten(x, 1)')), ['fusable']);
    assert.deepEqual(verdicts(open('x')), []);
  });
});

suite('code that cannot be followed', () => {
  const bodies: [string, string][] = [
    ['a call of what is no function', 'return (x).forward(x, )'],
    ['a method that is not there', 'return (conv).backward(x, )'],
    ['an endless loop', 'while True:\n  y = 1\nreturn x'],
    ['a change of the module', 'self.conv = x\nreturn x'],
    ['a function without end', 'return (self).forward(x, )'],
    [
      'lists that double',
      'a = [1]\nfor i in range(1000):\n  a = torch.add(a, a)\nreturn (a).forward()',
    ],
    [
      'texts that double',
      'a = "xx"\nfor i in range(1000):\n  a = torch.add(a, a)\nreturn (a).forward()',
    ],
    ['no Python at all', '?! '],
    ['brackets without end', '('.repeat(5000)],
    ['an attribute of Python’s own', 'return (x).constructor(x, )'],
  ];
  for (const [what, body] of bodies) {
    test(`falls back to the modules for ${what}`, () => {
      const model = network(body);
      assert.equal(model.network.kind, 'modules');
      assert.match(model.problems[0]!.message, /cannot be followed/);
    });
  }

  test('knows classes, constants and attributes then', () => {
    const model = network('self.conv = x');
    assert.ok(model.network.kind === 'modules');
    const norm = model.network.modules.find(({ path }) => path === 'bn')!;
    assert.equal(norm.className, 'Norm');
    assert.equal(norm.attributes!.get('eps'), 0.001);
    assert.equal(norm.attributes!.get('training'), false);
    assert.deepEqual([...norm.tensors.keys()], ['weight', 'bias', 'running_mean', 'running_var']);
    const layer = model.network.modules.find(({ path }) => path === 'conv')!;
    assert.deepEqual(layer.attributes!.get('kernel_size'), [1, 1]);
  });
});
