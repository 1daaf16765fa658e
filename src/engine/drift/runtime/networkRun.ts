import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type * as Runtime from 'onnxruntime-common';
import { decodeFloats, encodeFloats } from '../../../core/bytes/floats';
import { DriftSums } from '../../../core/drift/kernels/driftSums';
import { elementCount, type FloatDType } from '../../../core/model/tensor';
import { loadRuntime } from './loadRuntime';
import { NetworkInputs, typedArray, type Feeds } from './networkInputs';
import { RuntimeFailure } from './runtimeError';
import type { RunnableModel, RunParams, RunResult, Tap, TapResult } from './runtimeProtocol';
import { tappedModel } from './tappedModel';
import { unblockChannels } from './unblockChannels';

/** A tap whose shape the runtime cannot tell beforehand is taken for this large. */
const UNKNOWN_TAP_BYTES = 64 * 1024 * 1024;

/** A side of the comparison, with its taps as further outputs. */
interface Side {
  readonly session: Runtime.InferenceSession;
  readonly model: RunnableModel;
}

/**
 * Runs both networks side by side with graph optimization off and compares every tap and every output. Taps are
 * taken in batches, so that the values of a deep network are never in memory all at once.
 * @throws RuntimeFailure with one plain sentence.
 */
export async function runNetworks(
  params: RunParams,
  onTap: (result: TapResult) => void,
): Promise<RunResult> {
  const { ort, description } = loadRuntime(params.runtime);
  const outputs = new Map<string, DriftSums>();
  let batches: readonly (readonly Tap[])[] = [params.taps];
  for (let done = 0; done < batches.length; done++) {
    const batch = batches[done] ?? [];
    const [reference, candidate] = [
      await openSide(
        ort,
        params.reference,
        batch.map((tap) => tap.reference),
      ),
      await openSide(
        ort,
        params.candidate,
        batch.map((tap) => tap.candidate),
      ),
    ];
    try {
      const parts =
        done === 0 ? cutIntoBatches(batch, reference.session, params.batchBytes) : [batch];
      if (parts.length > 1) {
        batches = parts;
        done = -1;
        continue;
      }
      const isFirst = done === 0;
      await compareSides(
        ort,
        params,
        batch,
        { reference, candidate },
        isFirst ? outputs : null,
        onTap,
      );
    } finally {
      await reference.session.release();
      await candidate.session.release();
    }
  }
  return {
    runtime: description,
    batches: batches.length,
    outputs: [...outputs].map(([id, sums]) => ({ id, metrics: sums.metrics() })),
  };
}

/** Runs every sample through both sides and reports the taps of this batch. */
async function compareSides(
  ort: typeof Runtime,
  params: RunParams,
  taps: readonly Tap[],
  { reference, candidate }: { readonly reference: Side; readonly candidate: Side },
  outputs: Map<string, DriftSums> | null,
  onTap: (result: TapResult) => void,
): Promise<void> {
  const sums = new Map(taps.map((tap) => [tap.id, new DriftSums(tap.dtype)]));
  const inputs = new NetworkInputs(ort, reference.session.inputMetadata, params);
  for (let sample = 0; sample < params.samples; sample++) {
    const feeds = inputs.sample(sample);
    const before = await run(reference.session, feeds);
    const twins = renamedFeeds(ort, feeds, reference, candidate);
    const after = await run(candidate.session, twins);
    for (const tap of taps) {
      addTap(sums, tap, before[tap.reference], after[tap.candidate]);
    }
    reference.model.outputs.forEach((name, idx) => {
      const twin = after[name] ?? after[candidate.model.outputs[idx] ?? ''];
      const dtype = runtimeFloats[before[name]?.type ?? ''];
      if (outputs === null || dtype === undefined) return;
      const known = outputs.get(name) ?? new DriftSums(dtype);
      addOutput(known, before[name], twin, name);
      outputs.set(name, known);
    });
    for (const tensor of [...Object.values(before), ...Object.values(after)]) tensor.dispose();
  }
  for (const [id, sum] of sums) onTap({ id, metrics: sum.metrics() });
}

/**
 * The same inputs under the candidate's names; exporters rename them but keep their order. A network turned to float16
 * with all that goes in takes them rounded.
 */
function renamedFeeds(ort: typeof Runtime, feeds: Feeds, reference: Side, candidate: Side): Feeds {
  const { inputNames: names, inputMetadata } = candidate.session;
  return Object.fromEntries(
    reference.session.inputNames.flatMap((name, idx) => {
      const tensor = feeds[name];
      const twin = names.includes(name) ? name : names[idx];
      if (tensor === undefined || twin === undefined) return [];
      const wanted = inputMetadata.find((input) => input.name === twin);
      return [[twin, wanted?.isTensor === true ? asType(ort, tensor, wanted.type) : tensor]];
    }),
  );
}

/** A tensor of floats in another float type; any other tensor as it is. */
function asType(
  ort: typeof Runtime,
  tensor: Runtime.Tensor,
  type: Runtime.Tensor.Type,
): Runtime.Tensor {
  const dtype = runtimeFloats[type];
  if (type === tensor.type || dtype === undefined || !(tensor.type in runtimeFloats)) return tensor;
  const bytes = encodeFloats(Float64Array.from(numbersOf(tensor)), dtype);
  return new ort.Tensor(type, typedArray(type, bytes) as Runtime.Tensor.DataType, tensor.dims);
}

const runtimeFloats: Readonly<Record<string, FloatDType | undefined>> = {
  float32: 'f32',
  float64: 'f64',
  float16: 'f16',
};

/** Adds what both sides gave for a tap. One whose shapes differ is no longer watched: it was no twin after all. */
function addTap(
  sums: Map<string, DriftSums>,
  { id, channelBlock }: Tap,
  before: Runtime.OnnxValue | undefined,
  after: Runtime.OnnxValue | undefined,
): void {
  if (before === undefined || after === undefined) return;
  const { dims } = before;
  const expected = channelBlock === null ? dims : filledUp(dims, channelBlock);
  if (after.dims.join() !== expected.join()) {
    sums.delete(id);
    return;
  }
  const found = numbersOf(after);
  const candidate = channelBlock === null ? found : unblockChannels(found, dims, channelBlock);
  sums.get(id)?.add(numbersOf(before), candidate);
}

/** A shape whose channels are filled up to whole blocks. */
function filledUp(
  [samples = 0, channels = 0, ...rest]: readonly number[],
  block: number,
): number[] {
  return [samples, Math.ceil(channels / block) * block, ...rest];
}

function addOutput(
  sums: DriftSums,
  before: Runtime.OnnxValue | undefined,
  after: Runtime.OnnxValue | undefined,
  name: string,
): void {
  if (before === undefined || after === undefined) return;
  if (before.dims.join() !== after.dims.join()) {
    throw new RuntimeFailure(
      'NETWORK_FAILED',
      `The networks differ in more than folds: ${name} has shape [${before.dims.join(', ')}] in one and [${after.dims.join(', ')}] in the other.`,
    );
  }
  sums.add(numbersOf(before), numbersOf(after));
}

function numbersOf(tensor: Runtime.OnnxValue): ArrayLike<number> {
  const { data } = tensor;
  if (tensor.type === 'float16' && data instanceof Uint16Array) {
    return decodeFloats(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 'f16');
  }
  return data as ArrayLike<number>;
}

async function openSide(
  ort: typeof Runtime,
  model: RunnableModel,
  names: readonly string[],
): Promise<Side> {
  const options: Runtime.InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: ERRORS_ONLY,
    // The arena grows in powers of two and keeps what it has: with taps as outputs that is twice their size, for nothing.
    enableCpuMemArena: false,
    externalData: model.externalData.map((path) => ({
      path,
      data: new Uint8Array(readFileSync(join(dirname(model.path), path))),
    })),
  };
  try {
    const taps = [...new Set(names)].filter((name) => !model.outputs.includes(name));
    const session = await ort.InferenceSession.create(tappedModel(model, taps), options);
    return { session, model };
  } catch (error) {
    throw refused(model, error);
  }
}

const ERRORS_ONLY = 3;

async function run(
  session: Runtime.InferenceSession,
  feeds: Feeds,
): Promise<Runtime.InferenceSession.OnnxValueMapType> {
  try {
    return await session.run(feeds);
  } catch (error) {
    throw new RuntimeFailure(
      'NETWORK_FAILED',
      `ONNX Runtime stopped while running the network: ${plain(error)}`,
      {
        cause: error,
      },
    );
  }
}

function refused(model: RunnableModel, error: unknown): RuntimeFailure {
  return new RuntimeFailure(
    'NETWORK_REFUSED',
    `ONNX Runtime does not take ${model.path}: ${plain(error)}`,
    { cause: error },
  );
}

/** The runtime's own message in one line, without its log decoration. */
function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replaceAll(/\s+/g, ' ').replace(/^.*?Exception: |^Error: /, '');
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line.trim();
}

/** Characters of the runtime's message that are worth reading; some quote whole graphs. */
const MAX_MESSAGE = 300;

/** Taps in file order, cut so that the outputs of one batch stay below the limit. */
function cutIntoBatches(
  taps: readonly Tap[],
  session: Runtime.InferenceSession,
  batchBytes: number,
): Tap[][] {
  const sizes = new Map(
    session.outputMetadata.map((output) => [
      output.name,
      output.isTensor ? tensorBytes(output.shape) : 0,
    ]),
  );
  const batches: Tap[][] = [];
  let room = 0;
  for (const tap of taps) {
    const size = sizes.get(tap.reference) ?? UNKNOWN_TAP_BYTES;
    if (size > room || batches.length === 0) {
      batches.push([]);
      room = batchBytes;
    }
    batches.at(-1)?.push(tap);
    room -= size;
  }
  return batches;
}

function tensorBytes(shape: readonly (number | string)[]): number {
  const sizes = shape.filter((dim) => typeof dim === 'number');
  return sizes.length === shape.length ? elementCount(sizes) * 4 : UNKNOWN_TAP_BYTES;
}
