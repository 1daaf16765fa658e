import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { isModuleText } from '../../../../../src/core/formats/moduleText/isModuleText';
import { listingFold } from '../../../../../src/core/formats/moduleText/listingFold';
import { openModuleText } from '../../../../../src/core/formats/moduleText/openModuleText';
import { printListing } from '../../../../../src/core/listing/printListing';
import type { FoldMode } from '../../../../../src/core/model/openedModel';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import { listingFixture, modulesOf, openText, siblingPairs } from '../../../../support/listings';

const options = { policy: 'bevfusion', eps: [], layout: 'auto', structure: null } as const;

/** `leaf [shape]` of every tensor of a module. */
function tensorsOf(text: string, path: string): string[] {
  const module = modulesOf(openText(text)).find((candidate) => candidate.path === path);
  return [...module!.tensors].map(([leaf, { name, shape, location }]) => {
    assert.equal(name, path === '' ? leaf : `${path}.${leaf}`);
    assert.equal(location.kind, 'absent');
    return `${leaf} [${shape.join(',')}]`;
  });
}

function layer(line: string): string {
  return `Net(\n  (l): ${line}\n)\n`;
}

suite('pairs of the first user’s printouts', () => {
  for (const [name, count, eps] of [
    ['lidar-encoder', 21, 1e-3],
    ['bottleneck', 4, 1e-5],
  ] as const) {
    test(`${name} has ${count} fusable pairs with eps ${eps}, and its fused listing is the recipe’s`, () => {
      const model = openText(listingFixture(`${name}.before.txt`));
      const pairing = findPairs(model, options);
      assert.equal(pairing.pairs.length, count);
      for (const { verdict, bn, evidence } of pairing.pairs) {
        assert.deepEqual(
          [verdict, bn.eps, bn.epsSource, evidence],
          ['fusable', eps, 'module', 'modules'],
        );
      }
      const { text, language } = printListing(model, pairing, 'fused');
      assert.equal(text, listingFixture(`${name}.after.txt`));
      assert.equal(language, 'torch-module');
      assert.equal(
        printListing(model, pairing, 'original').text,
        listingFixture(`${name}.before.txt`),
      );
    });
  }

  test('the quantized encoder is known as folded already', () => {
    const { problems } = openText(listingFixture('lidar-encoder.quantized-after.txt'));
    assert.equal(problems.length, 1);
    assert.equal(problems[0]!.severity, 'info');
    assert.match(
      problems[0]!.message,
      /Already folded.*21 convolutions are quantized \(SparseConvolutionQunat\)/,
    );
  });

  test('a folded network that is not quantized says so too', () => {
    assert.match(
      openText(listingFixture('bottleneck.after.txt')).problems[0]!.message,
      /Already folded.*quantized \(QuantConv2d\)/,
    );
    assert.match(
      openText(
        'Net(\n  (conv): Conv2d(3, 8, kernel_size=(1, 1), stride=(1, 1))\n  (bn): Identity()\n)',
      ).problems[0]!.message,
      /Identity stands behind convolutions/,
    );
    assert.match(
      openText(listingFixture('lidar-encoder.after.txt')).problems[0]!.message,
      /no BatchNorm/,
    );
    assert.deepEqual(openText(listingFixture('resnet18.txt')).problems, []);
  });
});

suite('modules from text', () => {
  test('come parents first, repeats written out, with unique paths', () => {
    const modules = modulesOf(openText(listingFixture('repeats.txt')));
    const paths = modules.map(({ path }) => path);
    assert.equal(new Set(paths).size, paths.length);
    assert.deepEqual(paths.slice(0, 7), [
      '',
      'blocks',
      'blocks.0',
      'blocks.0.conv',
      'blocks.0.bn',
      'blocks.0.act',
      'blocks.1',
    ]);
    assert.equal(paths.filter((path) => path.startsWith('stages.1.1.')).length, 3);
  });

  test('of a second printout lie in a dict of their own', () => {
    const modules = modulesOf(openText(`${layer('ReLU()')}and\n${layer('ReLU()')}`));
    assert.deepEqual(
      modules.map(({ dict, path }) => [dict, path]),
      [
        ['', ''],
        ['', 'l'],
        ['printout2', 'printout2'],
        ['printout2', 'printout2.l'],
      ],
    );
  });

  test('have the attributes that are printed, and PyTorch’s defaults of a convolution', () => {
    const text = layer(
      'Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 2), groups=2, bias=False, padding_mode=reflect)',
    );
    const { attributes } = modulesOf(openText(text))[1]!;
    assert.deepEqual(Object.fromEntries(attributes!), {
      in_channels: 4,
      out_channels: 8,
      kernel_size: [3, 5],
      stride: [2, 2],
      groups: 2,
      bias: false,
      padding_mode: 'reflect',
      padding: [0, 0],
      dilation: [1, 1],
      output_padding: [0, 0],
    });
  });

  for (const [line, tensors] of [
    ['Conv2d(4, 8, kernel_size=(3, 5), stride=(1, 1), groups=2)', ['weight [8,2,3,5]', 'bias [8]']],
    ['Conv1d(4, 8, kernel_size=(3,), stride=(1,), bias=False)', ['weight [8,4,3]']],
    [
      'ConvTranspose2d(4, 6, kernel_size=(2, 2), stride=(2, 2), groups=2, bias=False)',
      ['weight [4,3,2,2]'],
    ],
    [
      'Conv2d(4, 8, kernel_size=(np.int64(1), np.int64(1)), stride=(np.int64(1), np.int64(1)))',
      ['weight [8,4,1,1]', 'bias [8]'],
    ],
    ['SubMConv3d()', ['weight []']],
    ['SparseConvolutionQunat()', ['weight []']],
    [
      'SubMConv3d(5, 16, kernel_size=[3, 3, 3], stride=[1, 1, 1], bias=False, algo=ConvAlgo.Native)',
      ['weight [16,3,3,3,5]'],
    ],
    ['LazyConv2d(0, 8, kernel_size=(3, 3), stride=(1, 1))', ['weight []', 'bias [8]']],
    ['Linear(in_features=3, out_features=4, bias=True)', ['weight [4,3]', 'bias [4]']],
    ['Linear(in_features=3, out_features=4, bias=False)', ['weight [4,3]']],
    [
      'BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)',
      ['weight [8]', 'bias [8]', 'running_mean [8]', 'running_var [8]', 'num_batches_tracked []'],
    ],
    [
      'BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=False, track_running_stats=True)',
      ['weight [8]', 'running_mean [8]', 'running_var [8]', 'num_batches_tracked []'],
    ],
    ['BatchNorm1d(8, eps=1e-05, momentum=None, affine=False, track_running_stats=False)', []],
    [
      'FrozenBatchNorm2d(8, eps=1e-05)',
      ['weight [8]', 'bias [8]', 'running_mean [8]', 'running_var [8]'],
    ],
    [
      'FrozenBatchNorm2d(num_features=8, eps=1e-05)',
      ['weight [8]', 'bias [8]', 'running_mean [8]', 'running_var [8]'],
    ],
    ['MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False)', []],
    ['RecursiveScriptModule(original_name=Conv2d)', []],
  ] as const) {
    test(`${line.split('(')[0]!} has the tensors that follow from it: ${tensors.join(', ') || 'none'}`, () => {
      assert.deepEqual(tensorsOf(layer(line), 'l'), tensors);
    });
  }

  test('know the class behind a TorchScript module', () => {
    assert.equal(
      modulesOf(openText(layer('RecursiveScriptModule(original_name=Conv2d)')))[1]!.className,
      'Conv2d',
    );
  });

  test('have a calibrated amax, per tensor or on the axis of their convolution', () => {
    const text = layer(
      'QuantConv2d(\n    3, 8, kernel_size=(1, 1), stride=(1, 1)\n' +
        '    (_input_quantizer): TensorQuantizer(8bit fake per-tensor amax=2.6387 calibrator=HistogramCalibrator scale=1.0 quant)\n' +
        '    (_weight_quantizer): TensorQuantizer(8bit fake axis=0 amax=[0.0012, 1.2300](8) calibrator=MaxCalibrator scale=1.0 quant)\n  )',
    );
    assert.deepEqual(tensorsOf(text, 'l._input_quantizer'), ['_amax []']);
    assert.deepEqual(tensorsOf(text, 'l._weight_quantizer'), ['_amax [8,1,1,1]']);
    assert.deepEqual(
      tensorsOf(listingFixture('bottleneck.before.txt'), 'conv1._weight_quantizer'),
      [],
    );
  });

  test('of a parametrized layer keep the weight where PyTorch keeps it', () => {
    const text = layer(
      'ParametrizedConv2d(\n    3, 8, kernel_size=(1, 1), stride=(1, 1)\n    (parametrizations): ModuleDict(\n      (weight): ParametrizationList(\n        (0): _SpectralNorm()\n      )\n    )\n  )',
    );
    assert.deepEqual(tensorsOf(text, 'l'), ['bias [8]']);
    assert.deepEqual(tensorsOf(text, 'l.parametrizations.weight'), ['original0 []']);
  });
});

suite('a fused text file', () => {
  const planned = (bytes: Uint8Array, mode: FoldMode): Uint8Array => {
    const model = openModuleText(new MemorySource(bytes, 'net.txt'));
    const folds = siblingPairs(model).pairs.map(listingFold);
    const { files } = model.plan(folds, { mode, outputName: 'net.fused.txt' });
    assert.equal(files.length, 1);
    const [piece] = files[0]!.pieces;
    assert.ok(piece?.kind === 'bytes' && files[0]!.name === 'net.fused.txt');
    return piece.bytes;
  };
  const before = listingFixture('bottleneck.before.txt');
  const after = listingFixture('bottleneck.after.txt');

  test('holds the fused listing, and the listing as it was where BatchNorms stay', () => {
    const bytes = new TextEncoder().encode(before);
    assert.equal(new TextDecoder().decode(planned(bytes, 'fold')), after);
    assert.deepEqual(planned(bytes, 'drop-in'), bytes);
  });

  test('keeps the encoding of the original', () => {
    const wide = (text: string): Uint8Array =>
      new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
    assert.deepEqual(planned(wide(before), 'fold'), wide(after));
    const marked = (text: string): Uint8Array => new TextEncoder().encode(`\ufeff${text}`);
    assert.deepEqual(planned(marked(before), 'fold'), marked(after));
    const latin = (text: string): Uint8Array =>
      new Uint8Array(Buffer.from(`café\n${text}`, 'latin1'));
    assert.deepEqual(planned(latin(before), 'fold'), latin(after));
  });

  test('cannot be read for values', () => {
    const model = openText(before);
    const weight = modulesOf(model)[1]!.tensors.get('weight')!;
    assert.throws(() => model.readValues(weight), /conv1\.weight has no values/);
  });
});

suite('a text file', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  test('is known by its extension or by a printed module', () => {
    assert.ok(isModuleText(bytes('some words'), 'log.txt'));
    assert.ok(isModuleText(bytes('Net(\n  (a): ReLU()\n)'), 'net'));
    assert.ok(isModuleText(bytes('ReLU()'), 'net.torchmodule'));
    assert.ok(
      isModuleText(new Uint8Array(Buffer.from('\ufeffNet(\n  (a): ReLU()\n)', 'utf16le')), 'net'),
    );
    assert.ok(!isModuleText(bytes('some words'), 'words'));
    assert.ok(!isModuleText(new Uint8Array([0x80, 2, 0, 0x28, 0]), 'model.txt'));
  });

  test('that is too long is refused before it is read', () => {
    const source = new MemorySource(new Uint8Array(32 * 1024 * 1024 + 1), 'long.txt');
    assert.throws(() => openModuleText(source), ModelFormatError);
    assert.equal(source.bytesRead, 0);
  });
});
