import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ModelFormatError } from '../../../../../src/core/errors';
import { parsePrintout } from '../../../../../src/core/listing/printout/parsePrintout';
import type { PrintedModule } from '../../../../../src/core/listing/printout/printout';
import { listingFixture } from '../../../../support/listings';

/** `key:Class[children]`, for comparing trees at a glance. */
function sketch(module: PrintedModule): string {
  const inner = module.children.map(sketch).join(' ');
  const key = module.key === null ? '' : `${module.key}:`;
  return `${key}${module.className}${inner === '' ? '' : `[${inner}]`}`;
}

function sketches(text: string): string[] {
  return parsePrintout(text, 'listing.txt').roots.map(sketch);
}

function extrasOf(text: string, module: PrintedModule): string[] {
  return module.extras.map(({ from, to }) => text.slice(from, to));
}

suite('real printouts', () => {
  test('give every module once, repeats in short', () => {
    const [root] = parsePrintout(listingFixture('repeats.txt'), 'repeats').roots;
    assert.equal(
      sketch(root!),
      'Repeats[blocks:ModuleList[0-2:Block[conv:Conv2d bn:BatchNorm2d act:ReLU] ' +
        '3:Block[conv:Conv2d bn:BatchNorm2d act:ReLU]] ' +
        'stages:ModuleList[0-1:ModuleList[0-1:Block[conv:Conv2d bn:BatchNorm2d act:ReLU]]] ' +
        'empty:ModuleList scales:ParameterList heads:ModuleDict[cls head:Linear reg(x):Sequential] ' +
        'attention:MultiheadAttention[out_proj:NonDynamicallyQuantizableLinear]]',
    );
  });

  test('keep arguments that have lines of their own', () => {
    const text = listingFixture('bottleneck.before.txt');
    const conv1 = parsePrintout(text, '').roots[0]!.children[0]!;
    assert.deepEqual(extrasOf(text, conv1), [
      '64, 64, kernel_size=(1, 1), stride=(1, 1), bias=False',
    ]);
    assert.equal(conv1.children.length, 2);
  });
});

suite('what people paste', () => {
  const inner =
    '  (conv): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n  (bn): BatchNorm2d(8)\n';

  test('text before, between and after printouts is passed over', () => {
    const text = `Loading model (v2)...\nmodel = build(\n  cfg)\n>>> print(net)\nNet(\n${inner})\nsome words\nHead(\n${inner})\n:)\n`;
    const { roots, rootPaths } = parsePrintout(text, 'log');
    assert.deepEqual(roots.map(sketch), [
      'Net[conv:Conv2d bn:BatchNorm2d]',
      'Head[conv:Conv2d bn:BatchNorm2d]',
    ]);
    assert.deepEqual(rootPaths, ['', 'printout2']);
  });

  test('modules cut out of a printout get a parent without a class', () => {
    assert.deepEqual(sketches(`${inner}  )\n)\nend`), ['[conv:Conv2d bn:BatchNorm2d]']);
    assert.deepEqual(sketches(`(backbone): Net(\n${inner})`), [
      '[backbone:Net[conv:Conv2d bn:BatchNorm2d]]',
    ]);
  });

  for (const [what, prefix] of [
    [
      'a timestamp',
      (idx: number) => `2026-11-0${idx} 10:0${idx}:00,${100 + idx} - mmdet - INFO - `,
    ],
    ['a rank', () => '[rank0]: '],
    ['a process', (idx: number) => `(Trainer pid=${idx * 37}) `],
    ['a quotation mark', () => '> '],
    ['a comment sign', () => '# '],
  ] as const) {
    test(`${what} in front of every line is passed over`, () => {
      const lines =
        `Net(\n  (conv): QuantConv2d(\n    3, 8, kernel_size=(3, 3), bias=False\n    (q): TensorQuantizer(8bit)\n  )\n${inner.replaceAll('conv', 'c2')})`.split(
          '\n',
        );
      const text = lines.map((line, idx) => prefix(idx) + line).join('\n');
      const [root] = parsePrintout(text, 'log').roots;
      assert.equal(
        sketch(root!),
        'Net[conv:QuantConv2d[q:TensorQuantizer] c2:Conv2d bn:BatchNorm2d]',
      );
      assert.deepEqual(extrasOf(text, root!.children[0]!), [
        '3, 8, kernel_size=(3, 3), bias=False',
      ]);
    });
  }

  test('a prefix on the first line alone is passed over', () => {
    assert.deepEqual(sketches(`10:00:00 INFO model: Net(\n${inner})`), [
      'Net[conv:Conv2d bn:BatchNorm2d]',
    ]);
  });

  test('brackets, not indents, tell the nesting', () => {
    assert.deepEqual(
      sketches(`Net(\n(a): Block(\n      (conv): Conv2d(1)\n)\n   (b): ReLU()\n\t)`),
      ['Net[a:Block[conv:Conv2d] b:ReLU]'],
    );
  });

  test('brackets that close on the last child’s line are read', () => {
    assert.deepEqual(sketches('Net(\n  (a): Block(\n    (conv): Conv2d(1)))\nrest'), [
      'Net[a:Block[conv:Conv2d]]',
    ]);
  });

  test('odd values do not upset the brackets', () => {
    const text = [
      'Net(',
      "  (a): Odd(text='a ) b', note=it's fine, range=[0, 1), f=<function f at 0x7f>)",
      '  (b): Dict(',
      "    {'x': (1,",
      '     2)',
      '    }',
      '    (conv): Conv2d(1)',
      '  )',
      "  init_cfg={'type': 'Kaiming', 'layer': ['Conv2d']}",
      '  (c): ReLU()',
      ')',
    ].join('\n');
    assert.deepEqual(sketches(text), ['Net[a:Odd b:Dict[conv:Conv2d] c:ReLU]']);
  });

  test('children that are None or parameters are no modules', () => {
    const text =
      'Net(\n  (x): None\n  (p): ParameterList(\n      (0): Parameter containing: [torch.float32 of size 3]\n  )\n  (r): ReLU()\n)';
    assert.deepEqual(sketches(text), ['Net[p:ParameterList r:ReLU]']);
  });

  test('packages in front of a class are left out of its name', () => {
    assert.deepEqual(sketches('models.Net(\n  (r): torch.nn.ReLU()\n)'), ['Net[r:ReLU]']);
  });
});

suite('broken text', () => {
  const fails = (text: string, message: RegExp): void => {
    assert.throws(
      () => parsePrintout(text, 'net.txt'),
      (error) => error instanceof ModelFormatError && message.test(error.message),
    );
  };

  test('without a printout is refused', () => {
    fails('def f(x):\n  return g(\n    x)\n', /net\.txt holds no printed network/);
    fails('', /holds no printed network/);
  });

  test('that ends too early names the line that is never closed', () => {
    fails(
      'x\nNet(\n  (a): Block(\n    (conv): Conv2d(1)\n',
      /net\.txt, line 3: the bracket of “Block\(” is never closed/,
    );
  });

  test('with a name twice in one module names the line', () => {
    fails('Net(\n  (a): ReLU()\n  (a): ReLU()\n)', /line 3: the name \(a\) comes a second time/);
    fails('Net(\n  (0-2): 3 x ReLU()\n  (2): ReLU()\n)', /line 3: the name \(2\)/);
  });

  test('with a repeat that does not add up names the line', () => {
    fails('Net(\n  (0-2): 4 x ReLU()\n)', /line 2: \(0-2\) does not span its count/);
  });

  test('with endless repeats or nesting is refused at once', () => {
    fails('Net(\n  (0-999999999999): 1000000000000 x ReLU()\n)', /more than 200000 modules/);
    const nested = Array.from({ length: 7 }, (_, idx) => `${' '.repeat(idx)}(0-9): 10 x A(`).join(
      '\n',
    );
    fails(`Net(\n${nested}\n`, /more than 200000 modules/);
    fails(
      `Net(\n  (0-99999): 100000 x A(b='${'b'.repeat(1000)}')\n)`,
      /more than 16000000 characters/,
    );
    fails(`Net(\n${'(a): A(\n'.repeat(10_000)}`, /nested more than 200 deep/);
  });

  test('of any shape is judged in linear time', () => {
    const start = performance.now();
    const hostile = [
      'A(\n'.repeat(300_000),
      '('.repeat(1_000_000),
      `Net(\n  (a): B(${"'\\'".repeat(300_000)}\n)`,
      `Net(\n(${'x): '.repeat(300_000)}\n)`,
      `Net(\n${'(a'.repeat(300_000)}`,
      'a'.repeat(2_000_000) + '(',
      `${'1.'.repeat(500_000)}(a): B()\n`.repeat(2),
      '\n'.repeat(1_000_000),
      `Net(\n  (a): B(${'"(\''.repeat(300_000)}))\n)`,
    ];
    for (const text of hostile) {
      try {
        parsePrintout(text, 'net.txt');
      } catch (error) {
        assert.ok(error instanceof ModelFormatError);
      }
    }
    assert.ok(performance.now() - start < 5000);
  });
});
