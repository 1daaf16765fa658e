import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FoldMode } from '../../../../../../src/core/model/openedModel';
import { fuse, FUSED, openOnnxFile, type Fused } from '../../../../../support/fuseOnnx';
import { allGraphs } from '../../../../../support/onnxPair';
import {
  bool,
  randomFloats,
  relativeError,
  runModel,
  type Feeds,
} from '../../../../../support/onnxRuntime';
import { projectPath } from '../../../../../support/root';
import { temporaryFolder } from '../../../../../support/temporaryFolder';

/** Fixtures a runtime can run, with their inputs and the number of their pairs. */
const runnable: Readonly<Record<string, { pairs: number; feeds: readonly Feeds[] }>> = {
  between: { pairs: 1, feeds: [{ x: randomFloats(1, 1, 3, 8, 8) }] },
  'external/model': { pairs: 3, feeds: [{ x: randomFloats(2, 1, 3, 8, 8) }] },
  functions: { pairs: 1, feeds: [{ x: randomFloats(3, 1, 4, 6, 6) }] },
  matrices: { pairs: 4, feeds: [{ x: randomFloats(4, 2, 6) }] },
  old_inputs: { pairs: 1, feeds: [{ x: randomFloats(5, 1, 3, 8, 8) }] },
  shared: { pairs: 2, feeds: [{ x: randomFloats(6, 1, 3, 8, 8) }] },
  subgraphs: {
    pairs: 3,
    feeds: [true, false].map((condition) => ({
      x: randomFloats(7, 1, 3, 6, 6),
      condition: bool(condition),
    })),
  },
  transposed: {
    pairs: 4,
    feeds: [
      {
        x1: randomFloats(8, 1, 4, 7),
        x2: randomFloats(9, 1, 4, 6, 6),
        x3: randomFloats(10, 1, 2, 2, 7, 7),
      },
    ],
  },
};

/** Rounding of float32 arithmetic in another order; a wrong fold is off by 1e-2 and more. */
const TOLERANCE = 2e-6;

function fixture(name: string): string {
  return projectPath('test/fixtures/onnx', `${name}.onnx`);
}

function operators({ model }: Fused): string[] {
  return allGraphs(model).flatMap(({ nodes }) => nodes.map(({ opType }) => opType));
}

for (const mode of ['fold', 'drop-in'] satisfies FoldMode[]) {
  describe(`a model fused with --mode ${mode} computes the same`, () => {
    for (const [name, { pairs, feeds }] of Object.entries(runnable)) {
      test(name, async (t) => {
        const fused = fuse(openOnnxFile(fixture(name)), mode);
        assert.equal(fused.pairs.length, pairs);
        const norms = operators(fused).filter((type) => type === 'BatchNormalization').length;
        assert.equal(norms, mode === 'fold' ? 0 : pairs);

        const folder = temporaryFolder(t);
        mkdirSync(folder, { recursive: true });
        for (const [file, bytes] of fused.files) writeFileSync(join(folder, file), bytes);
        for (const feed of feeds) {
          const expected = await runModel(fixture(name), feed);
          const actual = await runModel(join(folder, FUSED), feed);
          assert.deepEqual([...actual.keys()], [...expected.keys()]);
          for (const [output, values] of expected) {
            const error = relativeError(values, actual.get(output)!);
            assert.ok(error <= TOLERANCE, `${output} is off by ${error}`);
          }
        }
      });
    }
  });
}

test('no name of a fused model is left without use that had one before', () => {
  for (const name of [...Object.keys(runnable), 'typed', 'bfloat16']) {
    const fused = fuse(openOnnxFile(fixture(name)));
    const graphs = allGraphs(fused.model);
    const read = new Set(
      graphs.flatMap(({ nodes, outputs }) => [
        ...nodes.flatMap(({ inputs }) => inputs),
        ...outputs.map((output) => output.name),
      ]),
    );
    const made = new Set(
      graphs.flatMap(({ nodes, inputs, initializers }) => [
        ...nodes.flatMap(({ outputs }) => outputs),
        ...inputs.map((input) => input.name),
        ...initializers.keys(),
      ]),
    );
    for (const { nodes, initializers, values } of graphs) {
      for (const initializer of initializers.keys()) assert.ok(read.has(initializer), initializer);
      for (const value of values.keys()) assert.ok(made.has(value), value);
      for (const node of nodes) {
        if (node.opType === 'Constant') assert.ok(read.has(node.outputs[0]!), node.name);
        for (const input of node.inputs) assert.ok(input === '' || made.has(input), input);
      }
    }
  }
});

test('weights in typed data fields fold, each in its own element type', () => {
  for (const [name, dtypes] of [
    ['typed', ['f32', 'f64', 'f16']],
    ['bfloat16', ['bf16']],
  ] as const) {
    const { original, model, pairs } = fuse(openOnnxFile(fixture(name)));
    assert.deepEqual(
      pairs.map(({ conv }) => conv.weight.dtype),
      dtypes,
    );
    for (const { conv, bn } of pairs) {
      const [gamma, variance, before] = [bn.gamma!, bn.variance, conv.weight].map((tensor) =>
        original.readValues(tensor),
      );
      const after = model.readValues(allGraphs(model)[0]!.initializers.get(conv.weight.name)!);
      const perChannel = after.length / bn.channels;
      after.forEach((value, idx) => {
        const channel = Math.floor(idx / perChannel);
        const scale = gamma![channel]! / Math.sqrt(variance![channel]! + bn.eps);
        const exact = before![idx]! * scale;
        // Half a unit in the last place of each type.
        const half = { f32: 2 ** -24, f64: 2 ** -53, f16: 2 ** -11, bf16: 2 ** -8 };
        assert.ok(Math.abs(value - exact) <= Math.abs(exact) * half[conv.weight.dtype as 'f32']);
      });
    }
  }
});
