import { closeSync, openSync, writeSync } from 'node:fs';

const LAYERS = 768;
const WIDTH = 128;

/** Writes a checkpoint of 52 MB whose many layers take long to test, on fast machines too: time enough to stop it. */
export function writeLargeCheckpoint(path: string): void {
  const shapes: (readonly [string, readonly number[]])[] = [];
  for (let layer = 0; layer < LAYERS; layer++) {
    shapes.push([`layers.${layer}.conv.weight`, [WIDTH, WIDTH, 1, 1]]);
    for (const vector of ['weight', 'bias', 'running_mean', 'running_var']) {
      shapes.push([`layers.${layer}.bn.${vector}`, [WIDTH]]);
    }
  }
  const header: Record<string, unknown> = {};
  let end = 0;
  const tensors = shapes.map(([name, shape]) => {
    const bytes = shape.reduce((product, size) => product * size, 4);
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += bytes)] };
    // Variances are positive, all else is on both sides of zero.
    return { bytes, shift: name.endsWith('var') ? 0.1 : -0.5 };
  });
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path, 'w');
  try {
    writeSync(file, length);
    writeSync(file, text);
    const values = new Float32Array(WIDTH * WIDTH);
    tensors.forEach(({ bytes, shift }, tensor) => {
      const used = values.subarray(0, bytes / 4);
      let state = tensor + 1;
      used.forEach((_, idx) => {
        state = (state * 48271) % 2147483647;
        used[idx] = state / 2147483647 + shift;
      });
      writeSync(file, new Uint8Array(values.buffer, 0, bytes));
    });
  } finally {
    closeSync(file);
  }
}
