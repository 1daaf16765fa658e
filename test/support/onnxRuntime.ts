import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Inputs of a run, by name. */
export type Feeds = Readonly<Record<string, Tensor>>;

/** Silence: the runtime warns about initializers nobody reads, which fixtures have on purpose. */
const FATAL_ONLY = 4;

/** Opens a model file, or its bytes where it has no external data, without any optimization. */
export async function openSession(model: string | Uint8Array): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: FATAL_ONLY,
  };
  return typeof model === 'string'
    ? InferenceSession.create(model, options)
    : InferenceSession.create(model, options);
}

/** All outputs by name, as numbers. */
export async function runModel(
  model: string | Uint8Array,
  feeds: Feeds,
): Promise<ReadonlyMap<string, Float64Array>> {
  const session = await openSession(model);
  const wanted = Object.fromEntries(
    session.inputNames.flatMap((name) => (name in feeds ? [[name, feeds[name]!]] : [])),
  );
  const results = await session.run(wanted);
  await session.release();
  return new Map(
    session.outputNames.map((name) => {
      const data = results[name]!.data as ArrayLike<number | bigint>;
      return [name, Float64Array.from(data, Number)];
    }),
  );
}

/** A float32 input with seeded values between −1 and 1. */
export function randomFloats(seed: number, ...shape: readonly number[]): Tensor {
  const count = shape.reduce((product, dim) => product * dim, 1);
  let state = seed >>> 0;
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return new Tensor('float32', values, shape);
}

export function bool(value: boolean): Tensor {
  return new Tensor('bool', Uint8Array.of(value ? 1 : 0), []);
}

/** The largest difference of two outputs, as a share of the larger one's largest value. */
export function relativeError(expected: Float64Array, actual: Float64Array): number {
  if (expected.length !== actual.length) return Infinity;
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const difference = expected.reduce(
    (max, value, idx) => Math.max(max, Math.abs(value - actual[idx]!)),
    0,
  );
  return difference === 0 ? 0 : difference / largest;
}
