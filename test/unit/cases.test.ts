import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { decodeFloats, encodeFloats } from '../../src/core/bytes/floats';
import { ModelFormatError } from '../../src/core/errors';
import { foldPair } from '../../src/core/folding/foldPair';
import { ChannelMaxima } from '../../src/core/folding/kernels/channelMaxima';
import { findOverflow } from '../../src/core/folding/overflow';
import { openOnnx } from '../../src/core/formats/onnx/openOnnx';
import type { OpenedModel } from '../../src/core/model/openedModel';
import type { Pair, Pairing } from '../../src/core/model/pair';
import type { Reason } from '../../src/core/model/reason';
import { isFloatDType, type Tensor } from '../../src/core/model/tensor';
import { findPairs } from '../../src/core/pairing/findPairs';
import { screenValues } from '../../src/core/statistics/screenValues';
import { executePlan } from '../support/executePlan';
import { allGraphs, constantOf, nodeOf } from '../support/onnxPair';
import { projectPath } from '../support/root';
import { stepOf } from '../support/stepOf';
import { temporaryFolder } from '../support/temporaryFolder';

/** Hand-built edge cases with the right verdict of each pair, and with folded weights computed elsewhere in float64. */
const folder = projectPath('test/fixtures/cases/onnx');

interface Case {
  readonly file: string;
  readonly expect: string | null;
  readonly pairs: readonly {
    readonly conv: string;
    readonly bn: string;
    readonly verdict: string;
    readonly weightCopied: boolean;
    readonly why: string;
  }[];
}

type Manifest = Readonly<
  Record<string, { readonly file: string; readonly dtype: string; readonly shape: number[] }>
>;

const cases = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Readonly<
  Record<string, Case>
>;

for (const [name, { file, expect, pairs }] of Object.entries(cases)) {
  const path = join(folder, file);
  if (expect?.startsWith('refuse') === true) {
    test(`${name} is refused with one sentence`, () => {
      assert.throws(() => open(path), ModelFormatError);
    });
    continue;
  }
  describe(name, () => {
    test('has the expected pairs', () => {
      const pairing = pairsOf(open(path));
      assert.equal(pairing.pairs.length, pairs.length);
      for (const expected of pairs) {
        const pair = pairing.pairs.find(
          ({ conv, bn }) => conv.name === expected.conv && bn.name === expected.bn,
        );
        assert.ok(pair, `no pair ${expected.conv}, ${expected.bn}`);
        assertExpected(pair, expected);
      }
    });

    test('folds to the weights computed elsewhere, and to the same outputs', async (context) => {
      const model = open(path);
      const fusable = pairsOf(model).pairs.filter(({ verdict }) => verdict === 'fusable');
      const folded = fusable.filter((pair) => overflow(model, pair) === null);
      if (folded.length === 0) return;
      const fused = fuse(context, model, folded, path);
      for (const pair of folded) assertGolden(name, open(fused), model, pair);
      assertGone(open(fused), folded);
      await assertSameOutputs(name, path, fused);
    });
  });
}

test('a fold that float16 cannot hold is found before it is written', () => {
  const model = open(join(folder, 'fp16_tiny_var.onnx'));
  const [pair] = pairsOf(model).pairs;
  assert.equal(overflow(model, pair!)?.code, 'FP16_OVERFLOW');
});

/** What the engine asks before it writes: whether the folded weight and bias fit the element type. */
function overflow(model: OpenedModel, pair: Pair): Reason | null {
  const fold = foldPair(model, pair);
  const maxima = new ChannelMaxima(fold.weight);
  maxima.add(encodeFloats(model.readValues(pair.conv.weight), fold.weight.dtype), 0);
  return findOverflow(fold, maxima.values);
}

function open(path: string): OpenedModel {
  const read = (file: string): MemorySource => new MemorySource(readFileSync(file), basename(file));
  return openOnnx(read(path), { open: (relative) => read(join(dirname(path), relative)) });
}

function pairsOf(model: OpenedModel): Pairing {
  const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
  return screenValues(model, findPairs(model, options));
}

function assertExpected(pair: Pair, expected: Case['pairs'][number]): void {
  if (expected.verdict.startsWith('either')) {
    const needsReason = expected.verdict.includes('reason') && pair.verdict !== 'fusable';
    assert.ok(!needsReason || pair.reasons.length > 0);
    return;
  }
  assert.equal(pair.verdict, expected.verdict, expected.why);
  assert.equal(pair.copiesWeight || pair.copiesBias, expected.weightCopied);
  if (pair.verdict === 'blocked') assert.ok(pair.reasons.length > 0);
}

/** Writes the fused model into a folder of the test and returns its path. */
function fuse(
  context: TestContext,
  model: OpenedModel,
  pairs: readonly Pair[],
  path: string,
): string {
  const folds = pairs.map((pair) => foldPair(model, pair));
  const plan = model.plan(folds, { mode: 'fold', outputName: 'fused.onnx' });
  const target = temporaryFolder(context);
  for (const [file, bytes] of executePlan(plan, model.sources)) {
    writeFileSync(join(target, file), bytes);
  }
  assert.notEqual(target, dirname(path));
  return join(target, 'fused.onnx');
}

function assertGolden(name: string, fused: OpenedModel, original: OpenedModel, pair: Pair): void {
  const golden = manifestOf('golden', name);
  const [output = ''] = nodeOf(original, pair.bn.name).outputs;
  const conv = nodeOf(fused, pair.conv.name);
  assert.equal(conv.outputs[0], output, 'the convolution gives the BatchNorm’s output');
  const check = (input: number, key: string, slack: number): void => {
    const entry = golden?.[`${output}|${key}`];
    if (!entry) return;
    const tensor = constantOf(fused, conv.inputs[input] ?? '');
    assert.ok(tensor);
    assert.deepEqual(tensor.shape, entry.shape);
    const expected = decodeFloats(readFileSync(join(folder, 'golden', name, entry.file)), 'f64');
    assertWithinHalfStep(fused, tensor, expected, slack);
  };
  check(1, 'W', 0);
  // The sum of two terms may cancel: float64's own rounding of the terms is allowed on top.
  check(2, 'B', 1e-14);
}

/** Half a step of the stored type is what rounding once may cost; float64 itself is given four steps. */
function assertWithinHalfStep(
  model: OpenedModel,
  tensor: Tensor,
  expected: Float64Array,
  slack: number,
): void {
  const { dtype } = tensor;
  assert.ok(isFloatDType(dtype));
  const allowed = dtype === 'f64' ? 4 : 0.5 + 1e-6;
  model.readValues(tensor).forEach((value, idx) => {
    const golden = expected[idx]!;
    if (Number.isFinite(golden) && Math.abs(golden) < 65520) {
      const error = Math.abs(value - golden);
      assert.ok(error <= allowed * stepOf(golden, dtype) + slack, `${value} for ${golden}`);
    }
  });
}

/** A folded pair leaves neither its BatchNormalization nor a constant that nobody reads. */
function assertGone(fused: OpenedModel, pairs: readonly Pair[]): void {
  const graphs = allGraphs(fused);
  const nodes = graphs.flatMap((graph) => graph.nodes);
  for (const pair of pairs) assert.ok(!nodes.some((node) => node.name === pair.bn.name));
  const read = new Set([
    ...nodes.flatMap((node) => node.inputs),
    ...graphs.flatMap((graph) => graph.outputs.map((output) => output.name)),
  ]);
  for (const graph of graphs) {
    for (const name of graph.initializers.keys()) assert.ok(read.has(name), `${name} is left over`);
  }
}

async function assertSameOutputs(name: string, original: string, fused: string): Promise<void> {
  const feeds = feedsOf(name);
  const expected = await runIfPossible(original, feeds);
  if (expected === null) return;
  const found = await run(fused, feeds);
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const [output, tensor] of Object.entries(expected)) {
    const isHalf = tensor.type === 'float16';
    const want = valuesOf(tensor);
    const got = valuesOf(found[output]!);
    const largest = want.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    // Sums of a few dozen products in float32 (float16) agree to some 1e-6 (1e-2) of the largest output.
    const tolerance = (isHalf ? 2e-2 : 1e-5) * largest;
    got.forEach((value, idx) => {
      assert.ok(Math.abs(value - want[idx]!) <= tolerance, `${output}: ${value} for ${want[idx]!}`);
    });
  }
}

type Feeds = Readonly<Record<string, RuntimeTensor>>;

/** Outputs of the original; null where this runtime lacks an operator in that type or opset. */
async function runIfPossible(path: string, feeds: Feeds): Promise<Feeds | null> {
  try {
    return await run(path, feeds);
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.match(error.message, /Could not find an implementation/);
    return null;
  }
}

async function run(path: string, feeds: Feeds): Promise<Feeds> {
  const session = await InferenceSession.create(path, { graphOptimizationLevel: 'disabled' });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

function feedsOf(name: string): Feeds {
  const manifest = manifestOf('io', name) ?? {};
  return Object.fromEntries(
    Object.entries(manifest).map(([input, { file, dtype, shape }]) => {
      const bytes = new Uint8Array(readFileSync(join(folder, 'io', name, file)));
      return [input, runtimeTensor(dtype, bytes, shape)];
    }),
  );
}

function runtimeTensor(dtype: string, bytes: Uint8Array, shape: readonly number[]): RuntimeTensor {
  switch (dtype) {
    case 'float64':
      return new RuntimeTensor('float64', new Float64Array(bytes.buffer), shape);
    case 'float16':
      return new RuntimeTensor('float16', new Uint16Array(bytes.buffer), shape);
    case 'bool':
      return new RuntimeTensor('bool', bytes, shape);
    default:
      return new RuntimeTensor('float32', new Float32Array(bytes.buffer), shape);
  }
}

function valuesOf(tensor: RuntimeTensor): Float64Array {
  if (tensor.type === 'float16') {
    const bits = tensor.data as Uint16Array;
    return decodeFloats(new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength), 'f16');
  }
  return Float64Array.from(tensor.data as Float32Array | Float64Array);
}

function manifestOf(kind: 'io' | 'golden', name: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(join(folder, kind, name, 'manifest.json'), 'utf8')) as Manifest;
  } catch {
    // Not every case can be folded or run.
    return null;
  }
}
