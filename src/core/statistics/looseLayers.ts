import type { BatchNormLayer, ConvLayer, WeightLayout } from '../model/layer';
import type { Module, Network } from '../model/network';
import type { Pairing } from '../model/pair';

/** Layers that no pair has, but which may feed or be fed: heads, chained convolutions, BatchNorms without partner. */
export interface LooseLayers {
  readonly convs: readonly ConvLayer[];
  readonly norms: readonly BatchNormLayer[];
}

const MAX_RANK = 5;

/**
 * Collects, from a list of modules, the convolutions, linear layers and BatchNorms outside the pairs. They are
 * material for hypotheses only: a weight that is something else never fits. A graph's loose layers are not needed,
 * because its edges are known.
 */
export function looseLayers(network: Network, pairing: Pairing): LooseLayers {
  if (network.kind !== 'modules') return { convs: [], norms: [] };
  const paired = new Set(pairing.pairs.flatMap(({ conv, bn }) => [conv.name, bn.name]));
  const loose = network.modules.filter((module) => !paired.has(module.path));
  const sparse = pairing.pairs.find(({ conv }) => conv.layout === '*IO' || conv.layout === 'O*I')
    ?.conv.layout;
  return {
    convs: loose.flatMap((module) => looseConv(module, sparse ?? null)),
    norms: loose.flatMap((module) => looseNorm(module, pairing)),
  };
}

function looseConv(module: Module, sparse: WeightLayout | null): ConvLayer[] {
  const weight = module.tensors.get('weight');
  if (weight === undefined || module.tensors.has('running_mean')) return [];
  const rank = weight.shape.length;
  if (rank < 2 || rank > MAX_RANK) return [];
  const layout = rank === MAX_RANK && sparse !== null ? sparse : 'OI*';
  const outChannels = weight.shape[layout === '*IO' ? rank - 1 : 0] ?? 0;
  const inputs = weight.shape[layout === 'OI*' ? 1 : layout === '*IO' ? rank - 2 : rank - 1] ?? 0;
  if (outChannels < 1 || inputs < 1) return [];
  return [
    {
      name: module.path,
      type: module.className ?? (rank === 2 ? 'Linear' : `Conv${rank - 2}d`),
      weight,
      bias: module.tensors.get('bias') ?? null,
      layout,
      groups: 1,
      inChannels: inputs,
      outChannels,
      kernel: rank === 2 ? [] : weight.shape.slice(layout === 'OI*' ? 2 : 0).slice(0, rank - 2),
    },
  ];
}

function looseNorm(module: Module, pairing: Pairing): BatchNormLayer[] {
  const mean = module.tensors.get('running_mean');
  const variance = module.tensors.get('running_var');
  if (mean?.shape.length !== 1 || variance === undefined) return [];
  const own = module.attributes?.get('eps');
  const like = pairing.pairs[0]?.bn;
  return [
    {
      name: module.path,
      type: module.className ?? 'BatchNorm',
      channels: mean.shape[0] ?? 0,
      eps: typeof own === 'number' ? own : (like?.eps ?? 1e-5),
      epsSource: typeof own === 'number' ? 'module' : (like?.epsSource ?? 'default'),
      gamma: module.tensors.get('weight') ?? null,
      beta: module.tensors.get('bias') ?? null,
      mean,
      variance,
    },
  ];
}
