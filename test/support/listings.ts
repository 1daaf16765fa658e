import { readFileSync } from 'node:fs';
import { MemorySource } from '../../src/core/bytes/byteSource';
import { openModuleText } from '../../src/core/formats/moduleText/openModuleText';
import type { OpenedModel } from '../../src/core/model/openedModel';
import type { Module } from '../../src/core/model/network';
import type { Pair, Pairing, Verdict } from '../../src/core/model/pair';
import type { Tensor } from '../../src/core/model/tensor';
import { projectPath } from './root';

/** Text of a file under test/fixtures/listings. */
export function listingFixture(name: string): string {
  return readFileSync(projectPath('test/fixtures/listings', name), 'utf8');
}

/** Opens a text as the file `listing.txt`. */
export function openText(text: string): OpenedModel {
  return openModuleText(new MemorySource(new TextEncoder().encode(text), 'listing.txt'));
}

/** Modules of a model that has some. */
export function modulesOf({ network }: OpenedModel): readonly Module[] {
  if (network.kind !== 'modules') throw new Error('A network of modules is expected');
  return network.modules;
}

/** A verdict by the pair's id; fusable when nothing is said. */
export type VerdictOf = (id: string) => Verdict;

/**
 * Pairs for tests of listings, which take pairing as given: a BatchNorm pairs with the convolution that stands right
 * before it among its siblings.
 */
export function siblingPairs(model: OpenedModel, verdictOf: VerdictOf = () => 'fusable'): Pairing {
  const before = new Map<string, Module>();
  const pairs: Pair[] = [];
  for (const module of modulesOf(model)) {
    const { className, path } = module;
    if (className?.endsWith('Quantizer')) continue;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    const conv = before.get(parent);
    if (className?.includes('BatchNorm') && /Conv|Linear$/.test(conv?.className ?? '')) {
      pairs.push(pairOf(conv!, module, verdictOf(conv!.path)));
    }
    before.set(parent, module);
  }
  return { pairs, unpaired: [], problems: [] };
}

/** A pair of two modules, as far as listings look at it. */
export function pairOf(conv: Module, bn: Module, verdict: Verdict): Pair {
  const isSparse = /^(SubM|Sparse)/.test(conv.className ?? '');
  const vector = absentVector(Number(bn.attributes?.get('num_features') ?? 1));
  return {
    id: conv.path,
    conv: {
      name: conv.path,
      type: conv.className ?? 'Conv',
      weight: conv.tensors.get('weight') ?? vector,
      bias: conv.tensors.get('bias') ?? null,
      layout: isSparse ? '*IO' : 'OI*',
      groups: 1,
      inChannels: 0,
      outChannels: 0,
      kernel: [],
    },
    bn: {
      name: bn.path,
      type: bn.className ?? 'BatchNorm',
      channels: vector.shape[0]!,
      eps: Number(bn.attributes?.get('eps') ?? 1e-5),
      epsSource: 'module',
      gamma: null,
      beta: null,
      mean: vector,
      variance: vector,
    },
    evidence: 'modules',
    verdict,
    reasons: [],
    statistics: null,
    between: [],
    biasFactor: 1,
    copiesWeight: false,
    copiesBias: false,
    quantizers: [],
  };
}

function absentVector(channels: number): Tensor {
  return { name: 'v', dtype: 'f32', shape: [channels], strides: [1], location: { kind: 'absent' } };
}
