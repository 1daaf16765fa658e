import type { BatchNormLayer, ConvLayer } from '../../model/layer';
import type { Evidence, Pair } from '../../model/pair';
import { reason, type Reason } from '../../model/reason';
import { isFloatDType } from '../../model/tensor';
import type { PairingOptions } from '../pairingOptions';
import { isFoldedBy } from '../policy';
import { reasonKinds } from '../reasonKinds';
import type { ChosenReading } from './chooseReading';
import { standardizesWeight } from './classNames';
import type { Eps } from './eps/resolveEps';
import type { ModuleNode } from './moduleNode';
import { parametrizedWeight } from './moduleTree';
import { batchNormLayer, convLayer } from './pairLayers';
import { pointUse } from './pointKernel';
import { quantizerBuffers } from './quantizerBuffers';
import type { LinkRule, Obstacle } from './rules/link';
import type { FamilyFinding } from './weightFamilies';

/** A convolution and a norm that rules brought together, with all that bears on the verdict. */
export interface PairCandidate {
  readonly norm: ModuleNode;
  readonly conv: ModuleNode;
  readonly chosen: ChosenReading;
  /** The rule that proved the pair, or what stands against it. */
  readonly proof: LinkRule | Obstacle;
  readonly family: FamilyFinding | null;
  /** Whether another norm has the same convolution. */
  readonly isShared: boolean;
  readonly eps: Eps;
}

/** The pair of a candidate with its verdict; null when one of the two lacks the tensors to speak of. */
export function judgePair(candidate: PairCandidate, options: PairingOptions): Pair | null {
  const { norm, conv: convNode, chosen } = candidate;
  const channels = norm.module?.tensors.get('running_mean')?.shape[0] ?? 0;
  const read = convLayer(convNode, chosen, channels);
  const bn = read === null ? null : batchNormLayer(norm, read, candidate.eps);
  if (read === null || bn === null) return null;
  const use = chosen.kind === 'one' ? pointUse(convNode, chosen.reading, options.layout) : 'plain';
  const conv: ConvLayer = use === 'plain' ? read : { ...read, layout: 'IO-flat' };
  const quantizers = quantizerBuffers(convNode, conv);
  const reasons: readonly Reason[] = [
    ...proofReasons(candidate, conv),
    ...layoutReasons(candidate, conv, use === 'unknown'),
    ...shapeReasons(conv, bn),
    ...weightReasons(convNode, conv),
    ...hookReasons(convNode, norm),
    ...tensorReasons(conv, bn),
    ...quantizers.reasons,
    ...(isFoldedBy(options.policy, conv) ? [] : [reason('POLICY_BEVFUSION', conv.type)]),
  ];
  return {
    id: convNode.path,
    conv,
    bn,
    evidence: evidenceOf(convNode, norm),
    verdict: verdictOf(reasons),
    reasons,
    statistics: null,
    between: [],
    biasFactor: 1,
    copiesWeight: false,
    copiesBias: false,
    quantizers: quantizers.buffers,
  };
}

function verdictOf(reasons: readonly Reason[]): Pair['verdict'] {
  const kinds = new Set(reasons.map(({ code }) => reasonKinds[code]));
  if (kinds.has('wrong') || kinds.has('hypothesis') || kinds.has('unproved')) return 'blocked';
  return kinds.has('choice') ? 'skipped' : 'fusable';
}

function evidenceOf(conv: ModuleNode, norm: ModuleNode): Evidence {
  const areKnown = conv.className !== null && norm.className !== null;
  return areKnown ? 'modules' : 'names';
}

function proofReasons({ proof, isShared, conv: node }: PairCandidate, conv: ConvLayer): Reason[] {
  const reasons: Reason[] = [];
  if (typeof proof === 'string') {
    // A Sequential is data flow; elsewhere a linear layer's features may not be the axis that is normalised.
    const isFlow = proof === 'sequence' && node.className !== null;
    if (node.kind === 'linear' && !isFlow) reasons.push(reason('RANK_UNKNOWN', conv.name));
  } else {
    reasons.push(obstacleReason(proof));
  }
  if (isShared) reasons.push(reason('CONV_REUSED'));
  return reasons;
}

function obstacleReason(obstacle: Obstacle): Reason {
  switch (obstacle.kind) {
    case 'activation':
      return reason('ACTIVATION_BETWEEN', obstacle.what);
    case 'operator':
      return reason('OPERATOR_BETWEEN', obstacle.what);
    case 'unproved':
      return reason('PAIR_UNPROVED', obstacle.why);
  }
}

function layoutReasons(
  { chosen, family }: PairCandidate,
  conv: ConvLayer,
  isUseUnknown: boolean,
): Reason[] {
  if (chosen.kind === 'layout-unknown') return [reason('LAYOUT_AMBIGUOUS', conv.weight.name)];
  if (chosen.kind === 'transposed-or-not') return [reason('TRANSPOSE_AMBIGUOUS', conv.name)];
  if (isUseUnknown) return [reason('LAYOUT_1X1_AMBIGUOUS')];
  if (family === null || family.family === 'ambiguous' || family.family === 'dense') return [];
  const software = family.family === 'spconv1' ? 'spconv 1' : 'spconv 2';
  return [reason('LAYOUT_FOUND', software, family.evidence)];
}

function shapeReasons(conv: ConvLayer, bn: BatchNormLayer): Reason[] {
  const reasons: Reason[] = [];
  if (conv.outChannels !== bn.channels) {
    reasons.push(reason('CHANNELS_DIFFER', bn.channels, conv.outChannels));
  }
  for (const tensor of [bn.gamma, bn.beta, bn.variance]) {
    if (tensor === null || (tensor.shape.length === 1 && tensor.shape[0] === bn.channels)) continue;
    reasons.push(
      reason('PARAMETER_SHAPE', tensor.name, `[${tensor.shape.join(', ')}]`, bn.channels),
    );
  }
  return reasons;
}

function weightReasons(node: ModuleNode, conv: ConvLayer): Reason[] {
  const className = node.className ?? '';
  const tensors = node.module?.tensors;
  if (conv.weight.quantized !== undefined) {
    return [reason('WEIGHT_QUANTIZED', conv.name, conv.weight.quantized)];
  }
  if (parametrizedWeight(node) !== null) {
    return [reason('REPARAMETRIZED', conv.name, 'a parametrization')];
  }
  if (tensors?.has('weight_orig') === true) {
    return [reason('REPARAMETRIZED', conv.name, 'spectral_norm')];
  }
  if (tensors?.has('weight_g') === true) {
    return [reason('REPARAMETRIZED', conv.name, 'weight_norm')];
  }
  return standardizesWeight(className) ? [reason('REPARAMETRIZED', conv.name, className)] : [];
}

/** Functions that run between the two, kept in a network saved whole: what they do is not known. */
function hookReasons(conv: ModuleNode, norm: ModuleNode): Reason[] {
  const hooks = [
    { node: conv, key: '_forward_hooks', what: `A hook behind ${conv.path}` },
    { node: norm, key: '_forward_pre_hooks', what: `A hook in front of ${norm.path}` },
  ];
  return hooks
    .filter(({ node, key }) => Number(node.module?.attributes?.get(key) ?? 0) > 0)
    .map(({ what }) => reason('OPERATOR_BETWEEN', what));
}

function tensorReasons(conv: ConvLayer, bn: BatchNormLayer): Reason[] {
  return [conv.weight, conv.bias, bn.gamma, bn.beta, bn.mean, bn.variance]
    .filter((tensor) => tensor !== null)
    .filter(({ dtype, quantized }) => !isFloatDType(dtype) && quantized === undefined)
    .map(({ name, dtype }) => reason('DTYPE_UNSUPPORTED', name, dtype));
}
