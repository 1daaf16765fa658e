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
import type { Candidate, GraphRule } from './rules/candidate';
import { graphRules } from './rules/graphRules';
import { nothingBetween } from './rules/nothingBetween';
import { privateCopies } from './rules/privateCopies';
import { redefinedOperators } from './rules/redefinedOperators';
import { tiedParameters } from './rules/tiedParameters';
import { twinUses } from './rules/twins';

/**
 * Pairs of a model whose data flow is known, in the order of their BatchNorms in the file. A BatchNorm that a
 * convolution reaches through a single chain of nodes is a pair, whatever stands between; any other is unpaired.
 */
export function findGraphPairs(model: OpenedModel, options: PairingOptions): Pairing {
  if (model.network.kind !== 'graph') return { pairs: [], unpaired: [], problems: [] };
  const scopes = indexGraphs(model.network);
  const candidates: Candidate[] = [];
  const unpaired: UnpairedBatchNorm[] = [];
  for (const bn of findBatchNorms(scopes, options)) {
    const chain = traceChain(bn, (tensor) => readFlag(model, tensor));
    if (chain.kind === 'other') {
      unpaired.push({
        bn: bn.layer.name,
        reasons: [reason('NO_CONVOLUTION_BEFORE', chain.origin)],
      });
    } else {
      candidates.push({ conv: chain.conv, steps: chain.steps, bn });
    }
  }
  const pairs = judgeAll(model, model.network, scopes, candidates, options);
  const hasBatchNorm = pairs.length + unpaired.length > 0;
  const problems = [
    ...sparseLint(scopes, pairs),
    ...(hasBatchNorm ? [] : foldedFingerprint(scopes)),
  ];
  return { pairs, unpaired, problems };
}

/** The pairs of the candidates, in their order, with ids of their own. */
function judgeAll(
  model: OpenedModel,
  network: GraphNetwork,
  scopes: readonly Scope[],
  candidates: readonly Candidate[],
  { policy }: PairingOptions,
): Pair[] {
  const rules = rulesFor(model, network, scopes, candidates);
  const ids = new Set<string>();
  const pairsByBn = new Map<GraphNode, Pair>();
  // Programs of PyTorch keep their code, and with it every BatchNorm in its place.
  const isOnnx = model.format === 'onnx';
  return candidates.map((found) => {
    const { conv, bn } = found;
    let id = conv.layer.name;
    while (ids.has(id)) id = `${id}#${bn.layer.name}`;
    ids.add(id);
    const steps = isOnnx ? withFoldedBatchNorms(found.steps, pairsByBn) : found.steps;
    const pair = judgeCandidate(id, { conv, steps, bn }, rules, policy);
    pairsByBn.set(bn.node, pair);
    return pair;
  });
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
  candidates: readonly Candidate[],
): readonly GraphRule[] {
  if (model.format === 'onnx') return [redefinedOperators(network), ...graphRules, privateCopies];
  const tensors = scopes.flatMap(({ graph }) => [...graph.initializers.values()]);
  const rules = [...graphRules, nothingBetween];
  return [...rules, tiedParameters(tiedStorages(tensors), twinUses(candidates, rules))];
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
