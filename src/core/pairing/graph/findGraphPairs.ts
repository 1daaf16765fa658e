import { ModelFormatError } from '../../errors';
import type { GraphNetwork, GraphNode } from '../../model/network';
import type { OpenedModel } from '../../model/openedModel';
import type { Pair, Pairing, UnpairedBatchNorm } from '../../model/pair';
import { reason } from '../../model/reason';
import type { Tensor } from '../../model/tensor';
import type { PairingOptions } from '../pairingOptions';
import { tiedStorages } from '../tiedStorages';
import { isBatchNorm, readBatchNorm, type BatchNormNode } from './batchNormNode';
import type { ChainStep } from './chain/chain';
import { traceChain } from './chain/traceChain';
import { indexGraphs, type Scope } from './graphIndex';
import { judgeCandidate } from './judgeCandidate';
import { foldedFingerprint } from './lint/foldedFingerprint';
import { sparseLint } from './lint/sparseLint';
import type { GraphRule } from './rules/candidate';
import { graphRules } from './rules/graphRules';
import { nothingBetween } from './rules/nothingBetween';
import { privateCopies } from './rules/privateCopies';
import { redefinedOperators } from './rules/redefinedOperators';
import { tiedParameters } from './rules/tiedParameters';

/**
 * Pairs of a model whose data flow is known, in the order of their BatchNorms in the file. A BatchNorm that a
 * convolution reaches through a single chain of nodes is a pair, whatever stands between; any other is unpaired.
 */
export function findGraphPairs(model: OpenedModel, options: PairingOptions): Pairing {
  if (model.network.kind !== 'graph') return { pairs: [], unpaired: [], problems: [] };
  const scopes = indexGraphs(model.network);
  const pairs: Pair[] = [];
  const unpaired: UnpairedBatchNorm[] = [];
  const ids = new Set<string>();
  const rules = rulesFor(model, model.network, scopes);
  const pairsByBn = new Map<GraphNode, Pair>();
  // Programs of PyTorch keep their code, and with it every BatchNorm in its place.
  const isOnnx = model.format === 'onnx';
  for (const bn of findBatchNorms(scopes, options)) {
    const chain = traceChain(bn, (tensor) => readFlag(model, tensor));
    if (chain.kind === 'other') {
      unpaired.push({
        bn: bn.layer.name,
        reasons: [reason('NO_CONVOLUTION_BEFORE', chain.origin)],
      });
      continue;
    }
    const { name } = chain.conv.layer;
    let id = name;
    while (ids.has(id)) id = `${id}#${bn.layer.name}`;
    ids.add(id);
    const steps = isOnnx ? withFoldedBatchNorms(chain.steps, pairsByBn) : chain.steps;
    const candidate = { conv: chain.conv, steps, bn };
    const pair = judgeCandidate(id, candidate, rules, options.policy);
    pairs.push(pair);
    pairsByBn.set(bn.node, pair);
  }
  const hasBatchNorm = pairs.length + unpaired.length > 0;
  const problems = [
    ...sparseLint(scopes, pairs),
    ...(hasBatchNorm ? [] : foldedFingerprint(scopes)),
  ];
  return { pairs, unpaired, problems };
}

/** Of several BatchNorms in a row each folds into what the ones before it made of the convolution. */
function withFoldedBatchNorms(
  steps: readonly ChainStep[],
  pairs: ReadonlyMap<GraphNode, Pair>,
): readonly ChainStep[] {
  return steps.map((step) => {
    const pair = step.effect.kind === 'batchNorm' ? pairs.get(step.node) : undefined;
    const isFolded =
      pair !== undefined && pair.verdict !== 'blocked' && step.output.name === step.node.outputs[0];
    return isFolded ? { ...step, effect: { kind: 'folded', pair } } : step;
  });
}

/** ONNX gives a folded pair tensors of its own; programs of PyTorch keep their code and the tensors it names. */
function rulesFor(
  model: OpenedModel,
  network: GraphNetwork,
  scopes: readonly Scope[],
): readonly GraphRule[] {
  if (model.format === 'onnx') return [redefinedOperators(network), ...graphRules, privateCopies];
  const tensors = scopes.flatMap(({ graph }) => [...graph.initializers.values()]);
  return [...graphRules, nothingBetween, tiedParameters(tiedStorages(tensors))];
}

/** The largest networks have some thousands; each takes some kilobytes, here and in every report. */
const MAX_BATCH_NORMS = 10_000;

function findBatchNorms(scopes: readonly Scope[], options: PairingOptions): BatchNormNode[] {
  const found = scopes.flatMap((scope) =>
    scope.graph.nodes.filter(isBatchNorm).map((node) => ({ scope, node })),
  );
  if (found.length > MAX_BATCH_NORMS) {
    throw new ModelFormatError(
      `the file holds ${found.length} BatchNorms, more than the ${MAX_BATCH_NORMS} that any network has`,
    );
  }
  return found.map(({ scope, node }) => readBatchNorm(scope, node, options));
}

/** Value of a constant that switches an operator; the only values pairing looks at. */
function readFlag(model: OpenedModel, tensor: Tensor): number | null {
  if (tensor.shape.some((dim) => dim !== 1)) return null;
  try {
    return model.readValues(tensor)[0] ?? null;
  } catch (error) {
    // What cannot be read is not known; the pair will say which operator stands between.
    if (error instanceof ModelFormatError) return null;
    throw error;
  }
}
