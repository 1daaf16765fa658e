import type { ConvLayer } from '../../model/layer';
import type { GraphNode } from '../../model/network';
import type { OpenedModel } from '../../model/openedModel';
import type { Pairing } from '../../model/pair';
import { readConvolution } from '../../pairing/graph/convolutions/readConvolution';
import { indexGraphs, type Scope } from '../../pairing/graph/graphIndex';
import { moduleConvolutions } from '../../pairing/moduleConvolutions';
import { GraphConstants } from '../constants/graphConstants';
import { storedLayer } from '../measureFold';
import { blockedLayers, isBlockedConvolution } from './blockedLayers';
import type { CandidateLayer } from './candidateLayer';
import { computedLayer } from './computedLayer';

/** Every layer of a fused file that may be the counterpart of one of `references`, in the file's order. */
export function listCandidates(
  model: OpenedModel,
  pairing: Pairing,
  references: readonly ConvLayer[],
): readonly CandidateLayer[] {
  const { network } = model;
  if (network.kind === 'modules') {
    return moduleConvolutions(network.modules, pairing, references)
      .filter(isStored)
      .map((conv) => candidate(model, conv, 1));
  }
  const constants = new GraphConstants(model);
  const layersOf = (scope: Scope, node: GraphNode): readonly CandidateLayer[] => {
    if (isBlockedConvolution(node)) return blockedLayers(model, scope, node, references);
    const found = readConvolution(scope, node);
    if (found !== null && isStored(found.layer)) {
      return [candidate(model, found.layer, found.biasFactor ?? 1)];
    }
    const computed = computedLayer(constants, scope, node);
    return computed === null ? [] : [computed];
  };
  return indexGraphs(network).flatMap((scope) =>
    scope.graph.nodes.flatMap((node) => layersOf(scope, node)),
  );
}

function candidate(model: OpenedModel, conv: ConvLayer, biasFactor: number): CandidateLayer {
  return {
    name: conv.name,
    channelBlock: null,
    read: () => storedLayer(model, conv, biasFactor),
  };
}

function isStored({ weight, bias }: ConvLayer): boolean {
  return weight.location.kind !== 'absent' && bias?.location.kind !== 'absent';
}
