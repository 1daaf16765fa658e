import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parsePrintout } from '../../../../../src/core/listing/printout/parsePrintout';
import { renderPrintout, unedited } from '../../../../../src/core/listing/printout/renderPrintout';
import { printListing } from '../../../../../src/core/listing/printListing';
import { printModules } from '../../../../../src/core/listing/torch/printModules';
import type { Module, ModuleAttribute, ModuleNetwork } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Tensor } from '../../../../../src/core/model/tensor';
import { listingFixture, pairOf, siblingPairs } from '../../../../support/listings';

/** One network of modules.json. */
interface DumpedNetwork {
  readonly name: string;
  readonly text: string;
  readonly modules: readonly {
    readonly path: string;
    readonly className: string;
    readonly classModule: string;
    readonly tensors: Readonly<Record<string, readonly number[]>>;
    readonly attributes: Readonly<Record<string, ModuleAttribute>>;
  }[];
}

const dumped = JSON.parse(listingFixture('modules.json')) as readonly DumpedNetwork[];

function tensor(name: string, shape: readonly number[]): Tensor {
  return { name, dtype: 'f32', shape, strides: [], location: { kind: 'absent' } };
}

function module(
  path: string,
  facts: Partial<Module> & { shapes?: Record<string, readonly number[]> },
): Module {
  const tensors = Object.entries(facts.shapes ?? {}).map(
    ([leaf, shape]) => [leaf, tensor(`${path}.${leaf}`, shape)] as const,
  );
  return {
    dict: '',
    path,
    className: null,
    classModule: null,
    tensors: new Map(tensors),
    attributes: null,
    version: null,
    ...facts,
  };
}

function networkOf(modules: readonly Module[], evidence: ModuleNetwork['evidence']): ModuleNetwork {
  return { kind: 'modules', evidence, modules, isOrdered: true, config: null };
}

function modelOf(network: ModuleNetwork): OpenedModel {
  return {
    format: 'torch-zip',
    producer: null,
    opsets: new Map(),
    network,
    problems: [],
    sources: [],
    readValues: () => assert.fail('a listing reads no values'),
    plan: () => assert.fail('a listing plans nothing'),
  };
}

function networkOfDump({ modules }: DumpedNetwork): ModuleNetwork {
  return networkOf(
    modules.map(({ path, className, classModule, tensors, attributes }) =>
      module(path, {
        className,
        classModule,
        shapes: tensors,
        attributes: new Map(Object.entries(attributes)),
      }),
    ),
    'modules',
  );
}

/** Python's text as far as a file tells it. */
function knownPart(text: string): string {
  return (
    text
      // The algorithm of a sparse convolution is an object, which readers of pickles leave out.
      .replaceAll(', algo=ConvAlgo.Native', '')
      // A child that is None is no module.
      .replace('  (downsample): None\n', '')
      // A class that prints in a way of its own.
      .replace(
        'SelectAdaptivePool2d(pool_type=avg, flatten=Identity())',
        'SelectAdaptivePool2d(\n    (pool): AdaptiveAvgPool2d(output_size=1)\n    (flatten): Identity()\n  )',
      )
  );
}

suite('a network of known objects', () => {
  for (const dump of dumped) {
    test(`${dump.name} is printed as Python prints it`, () => {
      const { text } = printModules(networkOfDump(dump), []);
      assert.equal(text, knownPart(dump.text));
    });

    test(`${dump.name} is parsed as it was printed`, () => {
      const printed = printModules(networkOfDump(dump), []);
      const parsed = parsePrintout(printed.text, dump.name);
      assert.deepEqual(
        renderPrintout(parsed, unedited).places,
        renderPrintout(printed, unedited).places,
      );
    });
  }

  test('is fused by the recipe', () => {
    const model = modelOf(networkOfDump(dumped.find(({ name }) => name === 'spconv2_encoder')!));
    const { text } = printListing(model, siblingPairs(model), 'fused');
    assert.match(
      text,
      /^SparseSequential\(\n {2}\(0\): SparseSequential\(\n {4}\(0\): SubMConv3d\(5, 16, [^\n]*output_padding=\[0, 0, 0\]\)\n {4}\(1\): ReLU\(\)\n {2}\)/,
    );
    assert.doesNotMatch(text, /BatchNorm|bias=False/);
  });

  test('prints spconv 1 without arguments', () => {
    const attributes = new Map<string, ModuleAttribute>([
      ['in_channels', 5],
      ['out_channels', 16],
      ['kernel_size', [3, 3, 3]],
    ]);
    const modules = [
      module('', { className: 'SparseSequential', attributes: new Map() }),
      module('0', {
        className: 'SubMConv3d',
        classModule: 'mmdet3d.ops.spconv.conv',
        attributes,
        shapes: { weight: [3, 3, 3, 5, 16] },
      }),
    ];
    assert.equal(
      printModules(networkOf(modules, 'modules'), []).text,
      'SparseSequential(\n  (0): SubMConv3d()\n)\n',
    );
  });

  test('says what shapes tell where attributes are missing', () => {
    const modules = [
      module('', { className: 'Net' }),
      module('conv', {
        className: 'Conv2d',
        attributes: new Map(),
        shapes: { weight: [8, 3, 5, 5] },
      }),
    ];
    assert.equal(
      printModules(networkOf(modules, 'modules'), []).text,
      'Net(\n  (conv): Conv2d(3, 8, kernel_size=(5, 5), bias=False)\n)\n',
    );
  });
});

suite('a state_dict', () => {
  const shapes = (channels: number): Record<string, readonly number[]> => ({
    weight: [channels],
    bias: [channels],
    running_mean: [channels],
    running_var: [channels],
    num_batches_tracked: [],
  });
  const modules = [
    module('stem.conv1', { shapes: { weight: [64, 3, 7, 7] } }),
    module('stem.bn1', { shapes: shapes(64) }),
    module('fc', { shapes: { weight: [10, 64], bias: [10] } }),
    module('scale', { shapes: { gamma: [64] } }),
    module('tail.3', { shapes: { weight: [4, 2, 3], bias: [4] } }),
    module('tail.4', { shapes: shapes(4) }),
    module('ema.stem.conv1', { dict: 'ema', shapes: { weight: [64, 3, 7, 7] } }),
  ];
  const model = modelOf(networkOf(modules, 'names'));
  const pair = pairOf(modules[0]!, modules[1]!, 'fusable');
  const known = {
    ...pair,
    conv: { ...pair.conv, type: 'Conv2d', inChannels: 3, outChannels: 64, kernel: [7, 7] },
    bn: { ...pair.bn, type: 'BatchNorm2d', channels: 64 },
  };
  const pairing = { pairs: [known], unpaired: [], problems: [] };

  test('is printed as the tree of its keys, with what pairs and shapes tell', () => {
    assert.equal(
      printListing(model, pairing, 'original').text,
      [
        'StateDict(',
        '  (stem): Module(',
        '    (conv1): Conv2d(3, 64, kernel_size=(7, 7), bias=False)',
        '    (bn1): BatchNorm2d(64, eps=1e-05)',
        '  )',
        '  (fc): Linear(in_features=64, out_features=10, bias=True)',
        '  (scale): Module(gamma=[64])',
        '  (tail): Module(',
        '    (3): Conv1d(2, 4, kernel_size=(3,))',
        '    (4): BatchNorm(4)',
        '  )',
        ')',
        '',
        '(ema): StateDict(',
        '  (stem): Module(',
        '    (conv1): Conv2d(64, 3, kernel_size=(7, 7), bias=False)'.replace('64, 3', '3, 64'),
        '  )',
        ')',
        '',
      ].join('\n'),
    );
  });

  test('shows a convolution that sees one channel as depthwise, unless an image comes in there', () => {
    const { text } = printListing(
      modelOf(
        networkOf(
          [
            module('stem', { shapes: { weight: [8, 1, 3, 3] } }),
            module('depthwise', { shapes: { weight: [8, 1, 3, 3], bias: [8] } }),
            module('gate', { shapes: { weight: [8, 1, 1, 1] } }),
          ],
          'names',
        ),
      ),
      { pairs: [], unpaired: [], problems: [] },
      'original',
    );
    assert.equal(
      text,
      [
        'StateDict(',
        '  (stem): Conv2d(1, 8, kernel_size=(3, 3), bias=False)',
        '  (depthwise): Conv2d(8, 8, kernel_size=(3, 3), groups=8)',
        '  (gate): Conv2d(1, 8, kernel_size=(1, 1), bias=False)',
        ')',
        '',
      ].join('\n'),
    );
  });

  test('shows an Identity where a BatchNorm is folded', () => {
    const { text } = printListing(model, pairing, 'fused');
    assert.match(
      text,
      /\(conv1\): Conv2d\(3, 64, kernel_size=\(7, 7\)\)\n {4}\(bn1\): Identity\(\)/,
    );
  });

  test('places every layer under its key path', () => {
    const { places, text } = printListing(model, pairing, 'original');
    const lines = text.split('\n');
    const found = places.map(({ name, line, column, length }) => [
      name,
      lines[line]!.slice(column, column + length),
    ]);
    assert.deepEqual(found, [
      ['', 'StateDict'],
      ['stem', 'stem'],
      ['stem.conv1', 'conv1'],
      ['stem.bn1', 'bn1'],
      ['fc', 'fc'],
      ['scale', 'scale'],
      ['tail', 'tail'],
      ['tail.3', '3'],
      ['tail.4', '4'],
      ['ema', 'ema'],
      ['ema.stem', 'stem'],
      ['ema.stem.conv1', 'conv1'],
    ]);
  });

  test('keeps names with line breaks on their line', () => {
    const odd = networkOf([module('a\nb.conv', { shapes: { weight: [1, 1, 1] } })], 'names');
    const { text, places } = printListing(
      modelOf(odd),
      { pairs: [], unpaired: [], problems: [] },
      'original',
    );
    assert.equal(text.split('\n').length, 6);
    assert.deepEqual(
      places.map(({ name }) => name),
      ['', 'a\nb', 'a\nb.conv'],
    );
    assert.deepEqual([places[1]!.column, places[1]!.length], [3, 'a\\x0ab'.length]);
  });

  test('stays bounded under paths a million levels deep', () => {
    const deep = networkOf(
      [module('a.'.repeat(1_000_000) + 'w', { shapes: { weight: [1] } })],
      'names',
    );
    const { text } = printListing(
      modelOf(deep),
      { pairs: [], unpaired: [], problems: [] },
      'original',
    );
    assert.ok(text.length < 3_000_000);
  });
});
