import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { encodeFloats } from '../../src/core/bytes/floats';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { isFloatDType, type Tensor } from '../../src/core/model/tensor';
import { allGraphs } from './onnxPair';
import { projectPath } from './root';
import { tensorsOf } from './torchPair';

/** What a script of Python knows of a network that it saved. */
export interface FoldGolden {
  /** The pairs of the network's code. */
  readonly pairs: readonly { readonly conv: string; readonly bn: string; readonly eps: number }[];
  /** SHA-256 of each tensor that folding all pairs changes. */
  readonly folded: Readonly<Record<string, string>>;
}

/** `expected.json` of a folder of fixtures. */
export function readGoldens<T extends FoldGolden>(folder: string): Readonly<Record<string, T>> {
  const text = readFileSync(projectPath('test/fixtures', folder, 'expected.json'), 'utf8');
  return JSON.parse(text) as Record<string, T>;
}

/** A compressed fixture. */
export function unpacked(folder: string, name: string): Uint8Array {
  return new Uint8Array(
    gunzipSync(readFileSync(projectPath('test/fixtures', folder, `${name}.gz`))),
  );
}

/** Every tensor that `expected` names has its bits, every other one those it had, and BatchNorms are gone. */
export function assertFolded(before: OpenedModel, after: OpenedModel, expected: FoldGolden): void {
  const original = everyTensor(before);
  const gone = expected.pairs.map(({ bn }) => `${bn}.`);
  const names = [...original.keys()].filter((name) => !gone.some((bn) => name.startsWith(bn)));
  const fused = everyTensor(after);
  const wanted = new Set([...names, ...Object.keys(expected.folded)]);
  assert.deepEqual(new Set(fused.keys()), wanted);
  for (const [name, tensor] of fused) {
    const digest = expected.folded[name] ?? digestOf(before, original.get(name));
    assert.equal(digestOf(after, tensor), digest, name);
  }
}

/** Weights have the bits of `expected`, BatchNorms are an identity plus its biases, everything else is as it was. */
export function assertDroppedIn(
  before: OpenedModel,
  after: OpenedModel,
  expected: FoldGolden,
): void {
  const original = everyTensor(before);
  const digests = new Map<string, string>();
  for (const { conv, bn, eps } of expected.pairs) {
    const zeros = original.get(`${bn}.running_mean`)!;
    const filled = (value: number): string => digestOfValues(zeros.shape[0]!, value);
    digests.set(`${conv}.weight`, expected.folded[`${conv}.weight`]!);
    digests.set(`${conv}.bias`, filled(0));
    digests.set(`${bn}.weight`, filled(1));
    digests.set(`${bn}.bias`, expected.folded[`${conv}.bias`]!);
    digests.set(`${bn}.running_mean`, filled(0));
    digests.set(`${bn}.running_var`, filled(1 - eps));
  }
  const fused = everyTensor(after);
  assert.deepEqual([...fused.keys()], [...original.keys()]);
  for (const [name, tensor] of fused) {
    const digest = digests.get(name) ?? digestOf(before, original.get(name));
    assert.equal(digestOf(after, tensor), digest, name);
  }
}

function everyTensor(model: OpenedModel): ReadonlyMap<string, Tensor> {
  if (model.network.kind === 'modules') return tensorsOf(model);
  const tensors = allGraphs(model).flatMap(({ initializers }) => [...initializers.values()]);
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function digestOf(model: OpenedModel, tensor: Tensor | undefined): string {
  assert.ok(tensor !== undefined);
  const values = model.readValues(tensor);
  return digestOfBytes(
    isFloatDType(tensor.dtype)
      ? encodeFloats(values, tensor.dtype)
      : new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
}

function digestOfValues(count: number, value: number): string {
  return digestOfBytes(encodeFloats(new Float64Array(count).fill(value), 'f32'));
}

function digestOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
