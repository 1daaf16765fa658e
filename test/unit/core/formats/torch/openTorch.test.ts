import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { concatBytes } from '../../../../../src/core/bytes/concatBytes';
import { ModelFormatError } from '../../../../../src/core/errors';
import {
  pickleCall,
  pickleGlobal,
  pickleInt,
  pickleText,
} from '../../../../../src/core/formats/pickle/pickleBytes';
import { isTorch } from '../../../../../src/core/formats/torch/isTorch';
import { tensorExpression } from '../../../../../src/core/formats/torch/torchBytes';
import type { TorchTensor } from '../../../../../src/core/formats/torch/torchTensor';
import type { ModuleNetwork } from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import { pickleOf } from '../../../../support/pickleText';
import { openBytes, torchFixture } from '../../../../support/torchFixtures';
import { zipBytes, type ZipSketch } from '../../../../support/zipBytes';

const like = { storage: { location: 'cpu' }, parameter: null } as unknown as TorchTensor;

/** The pickle of a float32 tensor in storage `key`. */
function tensor(key: string, shape: readonly number[], strides = shape.map(() => 1)): Uint8Array {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const sketch = { key, dtype: 'f32', count, shape, strides, like } as const;
  return tensorExpression(sketch, { protocol: 2, hasView: false });
}

/** A dict, nested as it is given. */
interface Tree {
  readonly [key: string]: Tree | Uint8Array;
}

function dict(tree: Tree): Uint8Array {
  const entries = Object.entries(tree).map(([key, value]) =>
    concatBytes([pickleText(key), value instanceof Uint8Array ? value : dict(value)]),
  );
  return pickleOf('}(', ...entries, 'u');
}

const data: ZipSketch = { name: 'a/data/0', data: new Uint8Array(64) };

function checkpoint(root: Uint8Array, more: readonly ZipSketch[] = [data]): Uint8Array {
  return zipBytes([{ name: 'a/data.pkl', data: pickleOf('\x80\x02', root, '.') }, ...more]);
}

/** Tensor names of each state_dict. */
function dicts(model: OpenedModel): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const module of (model.network as ModuleNetwork).modules) {
    (found[module.dict] ??= []).push(...[...module.tensors.values()].map(({ name }) => name));
  }
  return found;
}

const w = tensor('0', [2]);
const layer = { 'conv.weight': w };

suite('state_dicts in their wrappers', () => {
  const cases: [string, Tree, Record<string, string[]>][] = [
    ['bare', layer, { '': ['conv.weight'] }],
    ['under a known name', { epoch: pickleInt(1), state_dict: layer }, { '': ['conv.weight'] }],
    ['two levels deep', { checkpoint: { model_state: layer } }, { '': ['conv.weight'] }],
    ['under an unknown name', { mine: layer }, { '': ['conv.weight'] }],
    [
      'beside an average, which comes first',
      { ema: layer, model: layer },
      { '': ['conv.weight'], ema: ['ema.conv.weight'] },
    ],
    [
      'two of equal rank',
      { netG: layer, netD: layer },
      { '': ['conv.weight'], netD: ['netD.conv.weight'] },
    ],
    [
      'one inside the other',
      { ema: { state_dict: layer }, state_dict: layer },
      { '': ['conv.weight'], 'ema.state_dict': ['ema.state_dict.conv.weight'] },
    ],
    [
      'whose names would clash',
      { model: { 'ema.conv.weight': w }, ema: layer },
      { '': ['ema.conv.weight'], 'ema#2': ['ema#2.conv.weight'] },
    ],
    [
      'beside an optimizer',
      {
        model: layer,
        optimizer: { 'x.weight': w },
        sgd: { state: { 'y.weight': w }, param_groups: {} },
      },
      { '': ['conv.weight'] },
    ],
    [
      'with tensors that are no layers beside it',
      { model: layer, best: { score: w } },
      { '': ['conv.weight'] },
    ],
    ['with no known leaf at all', { scores: w }, { '': ['scores'] }],
  ];
  for (const [what, tree, expected] of cases) {
    test(`finds one ${what}`, () => {
      assert.deepEqual(dicts(openBytes(checkpoint(dict(tree)))), expected);
    });
  }

  test('finds them in lists', () => {
    const root = pickleOf('(', dict(layer), dict(layer), 'l');
    assert.deepEqual(dicts(openBytes(checkpoint(root))), {
      '': ['conv.weight'],
      '1': ['1.conv.weight'],
    });
  });

  test('a file without tensors has no modules', () => {
    const model = openBytes(checkpoint(dict({ epoch: pickleInt(1) })));
    assert.deepEqual(dicts(model), {});
  });
});

suite('damaged and hostile checkpoints', () => {
  const refused: [string, Uint8Array, RegExp][] = [
    [
      'the same key twice',
      checkpoint(pickleOf('}(', pickleText('a.weight'), w, pickleText('a.weight'), w, 'u')),
      /a\.weight twice/,
    ],
    [
      'a tensor beyond its storage',
      checkpoint(dict({ 'a.weight': tensor('0', [4], [9]) })),
      /takes \d+ bytes/,
    ],
    [
      'a storage shorter than promised',
      checkpoint(dict({ 'a.weight': tensor('0', [100]) })),
      /64 bytes instead of 400/,
    ],
    [
      'a shape that is none',
      checkpoint(
        dict({
          'a.weight': pickleOf(
            'ctorch._utils\n_rebuild_tensor_v2\n((',
            pickleText('storage'),
            'ctorch\nFloatStorage\n',
            pickleText('0'),
            pickleText('cpu'),
            'K\x02tQK\x00I-1\n\x85K\x01\x85tR',
          ),
        }),
      ),
      /no list of at most/,
    ],
    [
      'two pickles',
      zipBytes([
        { name: 'a/data.pkl', data: pickleOf('N.') },
        { name: 'b/data.pkl', data: pickleOf('N.') },
      ]),
      /no data\.pkl, or several/,
    ],
    [
      'a zip file of something else',
      zipBytes([{ name: 'word/document.xml', data: new Uint8Array(3) }]),
      /no PyTorch checkpoint/,
    ],
    [
      'an archive of torch.package',
      zipBytes([{ name: 'a/.data/extern_modules', data: new Uint8Array() }]),
      /torch\.package/,
    ],
    [
      'a TorchScript file of the first kind',
      zipBytes([{ name: 'a/model.json', data: new Uint8Array() }]),
      /PyTorch 1\.3 or older/,
    ],
    ['an empty zip file', zipBytes([]), /no PyTorch checkpoint/],
    [
      'a big-endian file',
      checkpoint(dict(layer), [data, { name: 'a/byteorder', data: Buffer.from('big') }]),
      /big-endian/,
    ],
    ['a cut-off legacy file', torchFixture('legacy.pth').slice(0, 3000), /fit|cut off|ends/],
    ['a pickle of something else', pickleOf('\x80\x04N.'), /no tensors/],
    [
      'a network that pickle.dump wrote',
      pickleOf('\x80\x04ctorch.storage\n_load_from_bytes\nC\x02ab\x85R.'),
      /pickle\.dump wrote, with its tensors packed inside/,
    ],
    ['a pickle out of its archive', pickleOf('\x80\x02K\x01Q.'), /Open the archive itself/],
    ['a tar archive', tar(), /tar archive/],
  ];
  for (const [what, bytes, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => openBytes(bytes),
        (error) => error instanceof ModelFormatError && message.test(error.message),
      );
    });
  }

  test('runs nothing, and warns of what Python would run', () => {
    const attack = pickleCall(pickleGlobal('os', 'system'), pickleText('touch /tmp/hacked'));
    assert.throws(() => openBytes(pickleOf('\x80\x02', attack, '.')), /uses os\.system/);
    const model = openBytes(checkpoint(pickleOf(attack, '0', dict(layer))));
    assert.deepEqual(dicts(model), { '': ['conv.weight'] });
    assert.match(model.problems[0]!.message, /os\.system/);
  });

  test('names tensors whose data are not in the file, and reads on', () => {
    const model = openBytes(checkpoint(dict({ ...layer, 'b.weight': tensor('7', [2]) })));
    assert.match(model.problems[0]!.message, /1 tensors have no data.*b\.weight/);
    const [, module] = (model.network as ModuleNetwork).modules;
    const absent = module!.tensors.get('weight')!;
    assert.equal(absent.location.kind, 'absent');
    assert.throws(() => model.readValues(absent), /not in the file/);
  });

  test('an expanded tensor of astronomic size is not read', () => {
    const model = openBytes(checkpoint(dict({ 'a.weight': huge() })));
    const [module] = (model.network as ModuleNetwork).modules;
    assert.throws(
      () => model.readValues(module!.tensors.get('weight')!),
      /at most 65536 of an expanded tensor/,
    );
  });

  test('modules that share children over and over end in an error, soon', () => {
    // Each module holds the one before it twice.
    let level = moduleOf(pickleOf('}'));
    for (let depth = 1; depth < 40; depth++) {
      const named = pickleOf(level, 'r', depth, '\x00\x00\x00');
      const children = pickleOf('}(', pickleText('a'), named, pickleText('b'), 'h', depth, 'u');
      level = moduleOf(children);
    }
    const start = performance.now();
    assert.throws(() => openBytes(checkpoint(level)), /more than 256 levels or 50000 modules/);
    assert.ok(performance.now() - start < 2000);
  });

  test('a module that holds itself ends in an error', () => {
    const state = dict({
      _parameters: {},
      _buffers: {},
      _modules: pickleOf('}', pickleText('me'), 'h\x00s'),
    });
    const root = pickleOf('ca\nB\n)\x81q\x00', state, 'b');
    assert.throws(() => openBytes(checkpoint(root)), /more than 256 levels/);
  });
});

suite('isTorch', () => {
  test('goes by the first bytes, not by the name', () => {
    for (const name of [
      'zip.pth',
      'legacy.pth',
      'module-protocol4.pth',
      'traced.pt',
      'exported.pt2',
    ]) {
      assert.ok(isTorch(torchFixture(name).slice(0, 512)), name);
    }
    assert.ok(isTorch(tar()));
    assert.ok(isTorch(Buffer.from('L119547037146038801333356L\n.')));
    assert.ok(!isTorch(torchFixture('tiny.safetensors').slice(0, 512)));
    assert.ok(!isTorch(Buffer.from('Sequential(\n')));
    assert.ok(!isTorch(new Uint8Array()));
  });
});

function moduleOf(children: Uint8Array): Uint8Array {
  const state = dict({ _parameters: {}, _buffers: {}, _modules: children });
  return pickleOf('ca\nB\n)\x81', state, 'b');
}

function huge(): Uint8Array {
  const [dim, stride] = [2 ** 15, 0];
  const sketch = { key: '0', dtype: 'f32', count: 1, like } as const;
  const shape = [dim, dim, 8];
  const strides = [stride, stride, stride];
  return tensorExpression({ ...sketch, shape, strides }, { protocol: 2, hasView: false });
}

function tar(): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set(Buffer.from('ustar'), 257);
  return bytes;
}
