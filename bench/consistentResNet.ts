import { rectifier } from '../src/core/statistics/mathematics/activations';
import { Checkpoint } from './checkpoint';
import { blocksOf, randomFloats, type Part } from './parts';

/** Mean and standard deviation per channel. */
interface Moments {
  readonly mean: Float64Array;
  readonly std: Float64Array;
}

const relu = rectifier('relu', 0);

/**
 * Writes a state_dict with the layers of ResNet-50, 64 · `scale` channels wide in the first stage, and random weights
 * whose BatchNorm statistics belong to them: each running mean is what the convolution makes of its expected input,
 * give or take a fiftieth of a standard deviation, as in a trained network. 102 MB for scale 1, growing with its square.
 */
export function writeConsistentResNet(path: string, scale: number): void {
  const checkpoint = new Checkpoint();
  const unit = (conv: string, bn: string, input: Moments, shape: Shape): Moments =>
    addUnit(checkpoint, conv, bn, input, shape);
  const image: Moments = { mean: Float64Array.of(0.4, 0.2, -0.3), std: Float64Array.of(1, 1, 1) };
  let value = rectified(unit('conv1', 'bn1', image, [64 * scale, 3, 7, 7]));
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = (64 * scale) << stage;
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const inputs = value.mean.length;
      const first = unit(`${name}.conv1`, `${name}.bn1`, value, [width, inputs, 1, 1]);
      const second = unit(`${name}.conv2`, `${name}.bn2`, rectified(first), [width, width, 3, 3]);
      const third = unit(`${name}.conv3`, `${name}.bn3`, rectified(second), [
        4 * width,
        width,
        1,
        1,
      ]);
      const shortcut =
        block === 0
          ? unit(`${name}.downsample.0`, `${name}.downsample.1`, value, [4 * width, inputs, 1, 1])
          : value;
      value = rectified({
        mean: third.mean.map((mean, channel) => mean + shortcut.mean[channel]!),
        std: third.std.map((std, channel) => Math.hypot(std, shortcut.std[channel]!)),
      });
    }
  });
  checkpoint.addRandom('fc.weight', [1000, value.mean.length], { around: 0, deviation: 0.02 });
  checkpoint.addRandom('fc.bias', [1000], { around: 0, deviation: 0.02 });
  checkpoint.write(path);
}

type Shape = readonly [outputs: number, inputs: number, height: number, width: number];

/** Adds a convolution and its BatchNorm; returns the moments of what the BatchNorm gives. */
function addUnit(
  checkpoint: Checkpoint,
  conv: string,
  bn: string,
  input: Moments,
  shape: Shape,
): Moments {
  const [outputs, inputs, height, width] = shape;
  const deviation = Math.sqrt(2 / (inputs * height * width));
  const weight = checkpoint.addRandom(`${conv}.weight`, shape, { around: 0, deviation });
  const { mean, std } = throughWeight(weight, shape, input);
  const gamma = checkpoint.addRandom(`${bn}.weight`, [outputs], { around: 0.9, deviation: 0.3 });
  const beta = checkpoint.addRandom(`${bn}.bias`, [outputs], { around: -0.1, deviation: 0.4 });
  const noise = floatsOf(randomFloats(outputs, { around: 0, deviation: 0.02 }, outputs));
  const stored = Float32Array.from(mean, (value, row) => value + std[row]! * noise[row]!);
  checkpoint.add(`${bn}.running_mean`, [outputs], stored);
  checkpoint.add(
    `${bn}.running_var`,
    [outputs],
    Float32Array.from(std, (value) => value * value),
  );
  return {
    mean: Float64Array.from(floatsOf(beta)),
    std: Float64Array.from(floatsOf(gamma), Math.abs),
  };
}

/** Moments of a convolution's output, its inputs taken as independent. */
function throughWeight(
  weight: Part,
  [outputs, inputs, height, width]: Shape,
  input: Moments,
): Moments {
  const mean = new Float64Array(outputs);
  const variance = new Float64Array(outputs);
  const taps = height * width;
  for (const { bytes, offset } of blocksOf(weight)) {
    const values = new Float32Array(bytes.buffer);
    for (let idx = 0; idx < values.length; idx++) {
      const position = Math.floor((offset / 4 + idx) / taps);
      const output = Math.floor(position / inputs);
      const channel = position - output * inputs;
      mean[output]! += values[idx]! * input.mean[channel]!;
      variance[output]! += (values[idx]! * input.std[channel]!) ** 2;
    }
  }
  return { mean, std: variance.map(Math.sqrt) };
}

function rectified({ mean, std }: Moments): Moments {
  const moments = Array.from(mean, (value, channel) => relu.moments(value, std[channel]!, 0));
  return {
    mean: Float64Array.from(moments, (each) => each.mean),
    std: Float64Array.from(moments, (each) => each.std),
  };
}

function floatsOf(part: Part): Float32Array {
  const bytes = Buffer.concat(Array.from(blocksOf(part), (block) => block.bytes));
  return new Float32Array(new Uint8Array(bytes).buffer);
}
