import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FoldedPrintout } from '../../../../../src/core/listing/printout/foldedPrintout';
import { parsePrintout } from '../../../../../src/core/listing/printout/parsePrintout';
import { renderPrintout, unedited } from '../../../../../src/core/listing/printout/renderPrintout';
import {
  listingFixture,
  openText,
  siblingPairs,
  type VerdictOf,
} from '../../../../support/listings';

function fused(text: string, verdictOf?: VerdictOf): string {
  const { pairs } = siblingPairs(openText(text), verdictOf);
  const folded = pairs.filter(({ verdict }) => verdict === 'fusable');
  return renderPrintout(parsePrintout(text, 'listing'), new FoldedPrintout(text, folded)).text;
}

suite('the first user’s printouts', () => {
  for (const name of ['lidar-encoder', 'bottleneck']) {
    test(`${name} is fused to the recipe’s own printout, byte for byte`, () => {
      assert.equal(
        fused(listingFixture(`${name}.before.txt`)),
        listingFixture(`${name}.after.txt`),
      );
    });
    test(`${name} under CRLF, log prefixes and odd indents is fused alike`, () => {
      const disguise = (text: string): string =>
        text
          .split('\n')
          .slice(0, -1)
          .map(
            (line, idx) =>
              `2026-11-0${1 + (idx % 9)} 10:00:0${idx % 10},${100 + (idx % 7)} [INFO] (lean) ${line.replace(/^ +/, (blanks) => ' '.repeat(1 + (blanks.length % 5)))}\r\n`,
          )
          .join('');
      const before = listingFixture(`${name}.before.txt`);
      const unprefixed = fused(disguise(before))
        .replace(/^.*?\(lean\)/gm, '')
        .replace(/\r/g, '');
      const squeeze = (text: string): string => text.replace(/^ +/gm, '');
      assert.equal(squeeze(unprefixed), squeeze(listingFixture(`${name}.after.txt`)));
    });
  }

  test('text around the printout stays', () => {
    const before = listingFixture('bottleneck.before.txt');
    const after = listingFixture('bottleneck.after.txt');
    const around = (text: string): string =>
      `Loading (checkpoint)…\nprint(model):\n>>> ${text}done in 3 s :)\n`;
    assert.equal(fused(around(before)), around(after));
  });
});

suite('a printout without edits', () => {
  for (const name of [
    'lidar-encoder.before',
    'lidar-encoder.quantized-after',
    'bottleneck.before',
    'resnet18',
    'mobilenet_v3_small',
    'timm_mobilenetv3',
    'repeats',
    'spconv2_encoder',
  ]) {
    test(`${name} is rendered as it was`, () => {
      const text = listingFixture(`${name}.txt`);
      assert.equal(renderPrintout(parsePrintout(text, name), unedited).text, text);
    });
  }

  test('every place points at the name that is printed there', () => {
    const text = listingFixture('resnet18.txt');
    const lines = text.split('\n');
    const { places } = renderPrintout(parsePrintout(text, 'resnet18'), unedited);
    assert.equal(places.length, 68);
    for (const { name, line, column, length, type } of places) {
      const printed = lines[line]!.slice(column, column + length);
      assert.equal(printed, name === '' ? type : name.split('.').at(-1));
    }
    const layer1 = places.find(({ name }) => name === 'layer1');
    assert.deepEqual(layer1, {
      name: 'layer1',
      type: 'Sequential',
      line: 5,
      column: 3,
      length: 6,
      endLine: 20,
      parent: '',
    });
  });
});

suite('a fused printout', () => {
  test('keeps skipped pairs as they are', () => {
    const text = listingFixture('bottleneck.before.txt');
    assert.equal(
      fused(text, () => 'skipped'),
      text,
    );
    const some = fused(text, (id) => (id === 'conv2' ? 'fusable' : 'blocked'));
    assert.match(some, /\(bn1\): BatchNorm2d/);
    assert.match(some, /\(bn2\): Identity\(\)/);
    assert.equal(some.match(/bias=False/g)!.length, 3);
  });

  test('keeps a BatchNorm that also holds an activation', () => {
    const text = listingFixture('timm_mobilenetv3.txt');
    const lines = fused(text).split('\n');
    const before = text.split('\n');
    assert.equal(lines.length, before.length);
    assert.ok(lines.every((line, idx) => line === before[idx]!.replace(', bias=False', '')));
  });

  test('removes bias=False of a sparse convolution and keeps what is printed behind it', () => {
    assert.match(
      fused(listingFixture('spconv2_encoder.txt')),
      /\(0\): SubMConv3d\(5, 16, [^\n]*output_padding=\[0, 0, 0\], algo=ConvAlgo\.Native\)\n {4}\(1\): ReLU\(\)\n {2}\)/,
    );
  });

  test('gives a Linear layer its bias', () => {
    const text =
      'Net(\n  (fc): Linear(in_features=3, out_features=4, bias=False)\n  (bn): BatchNorm1d(4, eps=1e-05)\n)';
    assert.equal(
      fused(text),
      'Net(\n  (fc): Linear(in_features=3, out_features=4, bias=True)\n  (bn): Identity()\n)',
    );
  });

  test('keeps the names of a SparseSequential whose children have names', () => {
    const text = listingFixture('spconv2_encoder.txt').replace('(0): SubM', '(conv): SubM');
    assert.match(fused(text), /\(conv\): SubM[^\n]*\n {4}\(2\): ReLU\(\)/);
  });

  test('leaves a ReLU in place where no sparse convolution is its sibling, or nothing is folded', () => {
    assert.match(fused(listingFixture('bottleneck.before.txt')), /\(relu\): ReLU\(inplace=True\)/);
    const lidar = listingFixture('lidar-encoder.before.txt');
    assert.equal(
      fused(lidar, () => 'blocked'),
      lidar,
    );
  });

  test('keeps paths of the original in its places', () => {
    const text = listingFixture('lidar-encoder.before.txt');
    const { pairs } = siblingPairs(openText(text));
    const { places } = renderPrintout(parsePrintout(text, ''), new FoldedPrintout(text, pairs));
    const relu = places.find(({ name }) => name === 'backbone.conv_input.2');
    assert.deepEqual([relu?.line, relu?.column, relu?.length, relu?.type], [5, 7, 1, 'ReLU']);
  });
});

suite('repeats', () => {
  const text = listingFixture('repeats.txt');

  test('stand for one place each', () => {
    const { places } = renderPrintout(parsePrintout(text, 'repeats'), unedited);
    assert.deepEqual(
      places.filter(({ line }) => line === 3).map(({ name }) => name),
      ['blocks.0.conv', 'blocks.1.conv', 'blocks.2.conv'],
    );
    assert.equal(places.filter(({ name }) => /^stages\.\d\.\d\.bn$/.test(name)).length, 4);
  });

  test('stay together when all copies are folded', () => {
    const folded = fused(text);
    assert.match(folded, /\(0-2\): 3 x Block\(/);
    assert.doesNotMatch(folded, /BatchNorm|bias=False/);
  });

  test('fall apart where copies differ', () => {
    const folded = fused(text, (id) =>
      id === 'blocks.1.conv' || id === 'stages.1.1.conv' ? 'skipped' : 'fusable',
    );
    const lines = folded.split('\n');
    assert.deepEqual(
      lines.filter((line) => /Block\(|ModuleList\(/.test(line)).map((line) => line.trim()),
      [
        '(blocks): ModuleList(',
        '(0): Block(',
        '(1): Block(',
        '(2): Block(',
        '(3): Block(',
        '(stages): ModuleList(',
        '(0): ModuleList(',
        '(0-1): 2 x Block(',
        '(1): ModuleList(',
        '(0): Block(',
        '(1): Block(',
        '(empty): ModuleList()',
      ],
    );
    assert.equal(openText(folded).network.kind, 'modules');
    const places = renderPrintout(parsePrintout(folded, ''), unedited).places;
    const { pairs } = siblingPairs(openText(text), (id) =>
      id === 'blocks.1.conv' || id === 'stages.1.1.conv' ? 'skipped' : 'fusable',
    );
    const rendered = renderPrintout(
      parsePrintout(text, ''),
      new FoldedPrintout(
        text,
        pairs.filter(({ verdict }) => verdict === 'fusable'),
      ),
    );
    assert.deepEqual(rendered.places, places);
  });
});
