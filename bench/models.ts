import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint } from './checkpoint';
import { int, ints, OnnxBuilder } from './onnxBuilder';

/** A made-up model file that a benchmark runs on. */
export interface BenchModel {
  readonly title: string;
  readonly path: string;
  /** The tool that people use for this today. */
  readonly peer: 'onnxRuntime' | 'torch';
}

/** Makes the models the first time, in `folder`. */
export function benchModels(folder: string): readonly BenchModel[] {
  mkdirSync(folder, { recursive: true });
  const models = [
    { title: 'ONNX, 28 wide convolutions', name: 'wide-1gb.onnx', make: makeWide },
    { title: 'ONNX, like ResNet-50', name: 'resnet50.onnx', make: makeResNet50 },
    { title: 'Checkpoint, 53 wide convolutions', name: 'wide-2gb.pth', make: makeCheckpoint },
  ];
  return models.map(({ title, name, make }) => {
    const path = join(folder, name);
    if (!existsSync(path)) make(path);
    return { title, path, peer: name.endsWith('.onnx') ? 'onnxRuntime' : 'torch' };
  });
}

/** A network and where its fused form is to be. */
export interface DriftModel {
  readonly title: string;
  readonly path: string;
  readonly fused: string;
}

/** Networks to run as a whole. */
export function driftModels(folder: string): readonly DriftModel[] {
  mkdirSync(folder, { recursive: true });
  const models = [
    { title: 'like ResNet-50, 53 pairs', name: 'resnet50', make: makeResNet50 },
    {
      title: 'deep, 200 pairs whose 642 MB of results come in batches',
      name: 'deep',
      make: makeDeep,
    },
  ];
  return models.map(({ title, name, make }) => {
    const path = join(folder, `${name}.onnx`);
    if (!existsSync(path)) make(path);
    return { title, path, fused: join(folder, `${name}.fused.onnx`) };
  });
}

/** 200 convolutions of 64 → 64 channels, 1×1, on 112×112. */
function makeDeep(path: string): void {
  const builder = new OnnxBuilder();
  let value = 'input';
  for (let layer = 0; layer < 200; layer++) value = builder.convBatchNorm(value, [64, 64, 1, 1]);
  builder.write(path, [1, 64, 112, 112], { name: value, shape: [1, 64, 112, 112] });
}

/** 2.0 GB. */
function makeCheckpoint(path: string): void {
  writeCheckpoint(path, 53);
}

/** 28 convolutions of 1024 → 1024 channels, 3×3: 1057 MB. */
function makeWide(path: string): void {
  const builder = new OnnxBuilder();
  let value = 'input';
  for (let layer = 0; layer < 28; layer++) value = builder.convBatchNorm(value, [1024, 1024, 3, 3]);
  builder.write(path, [1, 1024, 2, 2], { name: value, shape: [1, 1024, 2, 2] });
}

/** The layers of ResNet-50: 53 pairs, 102 MB. */
function makeResNet50(path: string): void {
  const builder = new OnnxBuilder();
  let value = builder.convBatchNorm('input', [64, 3, 7, 7], { stride: 2 });
  value = builder.node(
    'MaxPool',
    'pool',
    [value],
    [ints('kernel_shape', [3, 3]), ints('strides', [2, 2]), ints('pads', [1, 1, 1, 1])],
  );
  let channels = 64;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 << stage;
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const out = 4 * width;
      let branch = builder.convBatchNorm(value, [width, channels, 1, 1]);
      branch = builder.convBatchNorm(branch, [width, width, 3, 3], { stride });
      branch = builder.convBatchNorm(branch, [out, width, 1, 1], { relu: false });
      const shortcut =
        block === 0
          ? builder.convBatchNorm(value, [out, channels, 1, 1], { stride, relu: false })
          : value;
      const sum = builder.node('Add', `add${stage}.${block}`, [branch, shortcut]);
      value = builder.node('Relu', `relu${stage}.${block}`, [sum]);
      channels = out;
    }
  });
  value = builder.node('GlobalAveragePool', 'average', [value]);
  value = builder.node('Flatten', 'flatten', [value]);
  const weight = builder.tensor('fc.weight', [1000, 2048], { around: 0, deviation: 0.02 });
  const bias = builder.tensor('fc.bias', [1000], { around: 0, deviation: 0.02 });
  value = builder.node('Gemm', 'fc', [value, weight, bias], [int('transB', 1)]);
  builder.write(path, [1, 3, 224, 224], { name: value, shape: [1, 1000] });
}
