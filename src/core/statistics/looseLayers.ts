import type { BatchNormLayer, ConvLayer, WeightLayout } from '../model/layer';
import type { Module } from '../model/network';
import type { Pair } from '../model/pair';

/** Layers that no pair has, but which may feed or be fed: heads, chained convolutions, BatchNorms without partner. */
export interface LooseLayers {
  readonly convs: readonly ConvLayer[];
  readonly norms: readonly BatchNormLayer[];
}

const MAX_RANK = 5;

/**
 * Collects the convolutions, linear layers and BatchNorms of `modules` that are in none of `pairs`. They are material
 * for hypotheses only: a weight that is something else never fits. Convolutions that fit neither a BatchNorm nor a
 * convolution of the pairs are left out, so that their weights are not read for nothing.
 */
export function looseLayers(modules: readonly Module[], pairs: readonly Pair[]): LooseLayers {
  const paired = new Set(pairs.flatMap(({ conv, bn }) => [conv.name, bn.name]));
  const loose = modules.filter((module) => !paired.has(module.path));
  const sparse = pairs.find(({ conv }) => conv.layout === '*IO' || conv.layout === 'O*I');
  const norms = loose.flatMap((module) => looseNorm(module, pairs));
  const convs = loose.flatMap((module) => looseConv(module, sparse?.conv.layout ?? null));
  return { convs: relevant(convs, norms, pairs), norms };
}

/** Convolutions whose outputs a BatchNorm or a paired convolution can take, and those that squeeze in front of them. */
function relevant(
  convs: readonly ConvLayer[],
  norms: readonly BatchNormLayer[],
  pairs: readonly Pair[],
): ConvLayer[] {
  const taken = new Set([
    ...norms.map(({ channels }) => channels),
    ...pairs.flatMap(({ conv, bn }) => [bn.channels, conv.inChannels, conv.outChannels]),
  ]);
  const direct = convs.filter(({ outChannels }) => taken.has(outChannels));
  const squeezed = new Set(direct.map(({ inChannels }) => inChannels));
  return convs.filter(
    ({ inChannels, outChannels }) =>
      taken.has(outChannels) || (squeezed.has(outChannels) && taken.has(inChannels)),
  );
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
  const firstTap = layout === 'OI*' ? 2 : layout === '*IO' ? 0 : 1;
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
      kernel: weight.shape.slice(firstTap, firstTap + rank - 2),
    },
  ];
}

function looseNorm(module: Module, pairs: readonly Pair[]): BatchNormLayer[] {
  const mean = module.tensors.get('running_mean');
  const variance = module.tensors.get('running_var');
  if (mean?.shape.length !== 1 || variance === undefined) return [];
  const own = module.attributes?.get('eps');
  const like = pairs[0]?.bn;
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
