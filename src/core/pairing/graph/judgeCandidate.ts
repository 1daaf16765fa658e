import type { ChannelAffine, Pair, Policy, Verdict } from '../../model/pair';
import { reason, type Reason } from '../../model/reason';
import { isFoldedBy } from '../policy';
import { reasonKinds } from '../reasonKinds';
import { describeNode } from './describeNode';
import type { StepEffect } from './chain/chain';
import type { Candidate, GraphRule } from './rules/candidate';

/** Asks every rule and makes the pair with its verdict. */
export function judgeCandidate(
  id: string,
  candidate: Candidate,
  rules: readonly GraphRule[],
  policy: Policy,
): Pair {
  const { conv, steps, bn } = candidate;
  const reasons = rules.flatMap((rule) => rule(candidate));
  const isBlocked = reasons.some(({ code }) => reasonKinds[code] !== 'note');
  const left = isBlocked ? [] : leftByPolicy(candidate, policy);
  const open: Verdict = left.length > 0 ? 'skipped' : 'fusable';
  return {
    id,
    conv: conv.layer,
    bn: bn.layer,
    evidence: 'graph',
    verdict: isBlocked ? 'blocked' : open,
    reasons: [...reasons, ...left],
    statistics: null,
    between: steps.flatMap(({ effect }) => betweenOf(effect)),
    ...foldsAfter(candidate),
    biasFactor: conv.biasFactor ?? 1,
    copiesWeight: conv.weight.otherUses.length > 0,
    copiesBias: (conv.bias?.otherUses.length ?? 0) > 0,
    quantizers: [],
  };
}

function betweenOf(effect: StepEffect): readonly ChannelAffine[] {
  if (effect.kind === 'folded') return [{ operation: 'batchNorm', layer: effect.pair.bn }];
  return effect.kind === 'affine' ? [effect.affine] : [];
}

function foldsAfter({ steps }: Candidate): Pick<Pair, 'foldsAfter'> {
  const last = steps.map((step) => step.effect).findLast((effect) => effect.kind === 'folded');
  return last === undefined ? {} : { foldsAfter: last.pair.id };
}

/**
 * NVIDIA's recipe folds a BatchNorm right behind its convolution. Nodes that do nothing do not count as between:
 * exporters leave Identity where PyTorch has no module, and the recipe looks past modules that are no BatchNorm.
 * Constants between are no part of it.
 */
function leftByPolicy({ conv, steps }: Candidate, policy: Policy): readonly Reason[] {
  if (!isFoldedBy(policy, conv.layer)) {
    const { type, kernel } = conv.layer;
    const kind = kernel.length > 0 && kernel.length !== 2 ? `${kernel.length}-D ${type}` : type;
    return [reason('POLICY_BEVFUSION', kind)];
  }
  const constant = steps.find(({ effect }) => effect.kind === 'affine');
  const isLeft = constant !== undefined && policy === 'bevfusion';
  return isLeft ? [reason('POLICY_BEVFUSION', describeNode(constant.node))] : [];
}
