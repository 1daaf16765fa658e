import type { WeightLayout } from '../../src/core/model/layer';
import type { Module, ModuleNetwork } from '../../src/core/model/network';
import type { OpenedModel } from '../../src/core/model/openedModel';
import type { Pair } from '../../src/core/model/pair';
import type { Tensor } from '../../src/core/model/tensor';

/** What a test knows of a pair, for tests of what comes after pairing. */
export interface KnownPair {
  readonly conv: string;
  readonly bn: string;
  readonly eps: number;
  /** 0 for dense convolutions, 1 for transposed ones. */
  readonly outAxis?: number;
  readonly layout?: WeightLayout;
}

/** The module of that path. */
export function moduleOf(model: OpenedModel, path: string): Module {
  const found = (model.network as ModuleNetwork).modules.find((module) => module.path === path);
  if (found === undefined) throw new Error(`there is no module ${path}`);
  return found;
}

/** Every tensor of the modules, by name. */
export function tensorsOf(model: OpenedModel): ReadonlyMap<string, Tensor> {
  const { modules } = model.network as ModuleNetwork;
  return new Map(
    modules.flatMap(({ tensors }) => [...tensors.values()]).map((tensor) => [tensor.name, tensor]),
  );
}

/** A fusable pair of two modules, without the rules of pairing. */
export function torchPair(model: OpenedModel, known: KnownPair): Pair {
  const conv = moduleOf(model, known.conv);
  const bn = moduleOf(model, known.bn);
  const weight = conv.tensors.get('weight')!;
  const mean = bn.tensors.get('running_mean')!;
  const [channels] = mean.shape;
  const isTransposed = known.outAxis === 1;
  return {
    id: known.conv,
    conv: {
      name: known.conv,
      type: isTransposed ? 'ConvTranspose2d' : 'Conv2d',
      weight,
      bias: conv.tensors.get('bias') ?? null,
      layout: known.layout ?? (isTransposed ? 'IO*' : 'OI*'),
      groups: 1,
      inChannels: weight.shape[isTransposed ? 0 : 1]!,
      outChannels: channels!,
      kernel: weight.shape.slice(2),
    },
    bn: {
      name: known.bn,
      type: 'BatchNorm2d',
      channels: channels!,
      eps: known.eps,
      epsSource: 'user',
      gamma: bn.tensors.get('weight') ?? null,
      beta: bn.tensors.get('bias') ?? null,
      mean,
      variance: bn.tensors.get('running_var')!,
    },
    evidence: 'names',
    verdict: 'fusable',
    reasons: [],
    statistics: null,
    between: [],
    biasFactor: 1,
    copiesWeight: false,
    copiesBias: false,
    quantizers: [],
  };
}
