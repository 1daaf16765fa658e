import { readFileSync } from 'node:fs';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { foldPair } from '../../src/core/folding/foldPair';
import { openTorch } from '../../src/core/formats/torch/openTorch';
import type { FoldMode, OpenedModel } from '../../src/core/model/openedModel';
import { executePlan } from './executePlan';
import { projectPath } from './root';
import { tensorsOf, torchPair, type KnownPair } from './torchPair';

/** A tensor of `expected.json`: row-major values. */
export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Expected {
  readonly pairs: readonly Required<Omit<KnownPair, 'layout'>>[];
  readonly original: readonly ExpectedTensor[];
  readonly fold: readonly ExpectedTensor[];
  readonly dropIn: readonly ExpectedTensor[];
}

/** What test/fixtures/torch/make.py computed for its network. */
export const expected = JSON.parse(
  readFileSync(projectPath('test/fixtures/torch/expected.json'), 'utf8'),
) as Expected;

export function torchFixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(projectPath('test/fixtures/torch', name)));
}

/** Opens bytes as a PyTorch file. */
export function openBytes(bytes: Uint8Array, name = 'model.pth'): OpenedModel {
  return openTorch(new MemorySource(bytes, name));
}

/** The file after folding the pairs. */
export function fuse(model: OpenedModel, pairs: readonly KnownPair[], mode: FoldMode): Uint8Array {
  const folds = pairs.map((pair) => foldPair(model, torchPair(model, pair)));
  const plan = model.plan(folds, { mode, outputName: 'fused.pth' });
  const bytes = executePlan(plan, model.sources).get('fused.pth');
  if (bytes === undefined) throw new Error('the plan writes no fused.pth');
  return bytes;
}

/** Every tensor of a model as `expected.json` has it, or those with one of these names. */
export function tensorValues(model: OpenedModel, names?: ReadonlySet<string>): ExpectedTensor[] {
  const tensors = [...tensorsOf(model).values()].filter(({ name }) => names?.has(name) ?? true);
  return tensors.map((tensor) => ({
    name: tensor.name,
    shape: [...tensor.shape],
    values: [...model.readValues(tensor)],
  }));
}

/** The pairs and tensors of `expected.json` with other names. */
export function renamed<T extends KnownPair | ExpectedTensor>(
  list: readonly T[],
  prefix: string,
): T[] {
  return list.map((item) =>
    'conv' in item
      ? { ...item, conv: prefix + item.conv, bn: prefix + item.bn }
      : { ...item, name: prefix + item.name },
  );
}
