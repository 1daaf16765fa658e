import type { ConvLayer } from '../model/layer';
import type { OpenedModel } from '../model/openedModel';
import type { Pairing } from '../model/pair';
import { readConvolution } from './graph/convolutions/readConvolution';
import { indexGraphs } from './graph/graphIndex';

/**
 * Every convolution and linear layer of a model in its order, those without a BatchNorm included. Where there is no
 * graph, only the convolutions of pairs are known, because a layout needs a BatchNorm to be told.
 */
export function listConvolutions(model: OpenedModel, pairing: Pairing): readonly ConvLayer[] {
  const paired = pairing.pairs.map(({ conv }) => conv);
  if (model.network.kind !== 'graph') return unique(paired);
  const nodes = indexGraphs(model.network).flatMap((scope) =>
    scope.graph.nodes.flatMap((node) => readConvolution(scope, node)?.layer ?? []),
  );
  return unique(nodes);
}

function unique(layers: readonly ConvLayer[]): ConvLayer[] {
  return [...new Map(layers.map((layer) => [layer.name, layer])).values()];
}
