import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { foldPair } from '../../src/core/folding/foldPair';
import { openModel } from '../../src/core/formats/openModel';
import type { FoldMode, OpenedModel } from '../../src/core/model/openedModel';
import type { Pair } from '../../src/core/model/pair';
import { findPairs } from '../../src/core/pairing/findPairs';
import { executePlan } from '../support/executePlan';
import {
  assertDroppedIn,
  assertFolded,
  readGoldens,
  unpacked,
  type FoldGolden,
} from '../support/foldGoldens';

/** Containers, the evidence they give, and the mode that each mode asked for comes to. */
const containers = [
  { ending: 'zip.pth', format: 'torch-zip', evidence: 'names' },
  { ending: 'legacy.pth', format: 'torch-legacy', evidence: 'names' },
  { ending: 'safetensors', format: 'safetensors', evidence: 'names' },
  { ending: 'module.pth', format: 'torch-module', evidence: 'modules' },
  { ending: 'scripted.pt', format: 'torchscript', evidence: 'graph' },
  { ending: 'exported.pt2', format: 'torch-export', evidence: 'graph' },
] as const;

/** What names and modules must find of the pairs; data flow finds all. */
const ENOUGH = 0.9;

for (const [network, golden] of Object.entries(readGoldens('torchvision'))) {
  suite(`torchvision’s ${network}`, () => {
    for (const { ending, format, evidence } of containers) {
      const name = `${network}.${ending}`;

      test(`${ending}: has the pairs of its code, and folds to PyTorch’s float64 results bit for bit`, async () => {
        const model = await open(unpacked('torchvision', name), name);
        assert.equal(model.format, format);
        const pairs = fusablePairs(model, golden, evidence === 'names');
        const known = golden.pairs.filter(({ conv }) => pairs.some(({ id }) => id === conv));
        assert.ok(known.length >= (evidence === 'graph' ? 1 : ENOUGH) * golden.pairs.length);
        assert.deepEqual(
          pairs.map((pair) => [pair.id, pair.bn.name, pair.bn.eps, pair.evidence]).toSorted(),
          known.map(({ conv, bn, eps }) => [conv, bn, eps, evidence]).toSorted(),
        );
        const expected = { pairs: known, folded: foldedOf(golden, known) };
        for (const mode of ['fold', 'drop-in'] as const) {
          const fused = await open(fuse(model, pairs, mode), name);
          const isKept = mode === 'drop-in' || evidence === 'graph';
          (isKept ? assertDroppedIn : assertFolded)(model, fused, expected);
        }
      });
    }
  });
}

function open(bytes: Uint8Array, name: string): Promise<OpenedModel> {
  return openModel(new MemorySource(bytes, name), {
    open: (other) => {
      throw new Error(`nobody should ask for ${other}`);
    },
  });
}

/** The pairs that fold; a state_dict is told eps, which it does not hold. */
function fusablePairs(model: OpenedModel, golden: FoldGolden, needsEps: boolean): Pair[] {
  const eps = needsEps ? golden.pairs.map(({ bn, eps: value }) => ({ prefix: bn, value })) : [];
  const options = { policy: 'all', eps, layout: 'auto', structure: null } as const;
  return findPairs(model, options).pairs.filter(({ verdict }) => verdict === 'fusable');
}

function foldedOf(golden: FoldGolden, pairs: FoldGolden['pairs']): FoldGolden['folded'] {
  const names = new Set(pairs.flatMap(({ conv }) => [`${conv}.weight`, `${conv}.bias`]));
  return Object.fromEntries(Object.entries(golden.folded).filter(([name]) => names.has(name)));
}

function fuse(model: OpenedModel, pairs: readonly Pair[], mode: FoldMode): Uint8Array {
  const folds = pairs.map((pair) => foldPair(model, pair));
  const plan = model.plan(folds, { mode, outputName: 'fused' });
  return executePlan(plan, model.sources).get('fused')!;
}
