import type { Pair, Policy } from '../../model/pair';
import { reason } from '../../model/reason';
import { isFoldedBy } from '../../pairing/policy';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { confirmingFinding } from './finding';
import { verdictOf } from './verdict';

/** Pairs that only the statistics found, beside the `known` ones of the names. */
export function proposePairs(
  known: readonly Pair[],
  others: Iterable<Study>,
  vote: ActivationVote,
  policy: Policy,
): Pair[] {
  const ids = new Set(known.map(({ id }) => id));
  return Array.from(others, (study): Pair => {
    const { conv } = study;
    const bn = study.norm.layer;
    const id = ids.has(conv.name) ? `${conv.name}#${bn.name}` : conv.name;
    ids.add(id);
    const like = known.find((pair) => pair.conv.name === conv.name);
    const reasons = [
      ...(parentOf(conv.name) === parentOf(bn.name)
        ? []
        : [reason('PAIR_UNPROVED', UNKNOWN_READERS)]),
      ...(isFoldedBy(policy, conv) ? [] : [reason('POLICY_BEVFUSION', conv.type)]),
    ];
    const pair: Pair = {
      id,
      conv: like?.conv ?? conv,
      bn: known.find((pair) => pair.bn.name === bn.name)?.bn ?? bn,
      evidence: 'names',
      verdict: 'fusable',
      reasons,
      statistics: confirmingFinding(study, vote),
      between: [],
      biasFactor: 1,
      copiesWeight: like?.copiesWeight ?? false,
      copiesBias: like?.copiesBias ?? false,
      quantizers: like?.quantizers ?? [],
    };
    return { ...pair, verdict: verdictOf(pair, policy) };
  });
}

/**
 * The numbers prove what a BatchNorm reads, not who else reads it: DenseNet's transitions feed the next block's first
 * BatchNorm and its later layers too. Within one module the pair is taken to be a unit, as names take it.
 */
const UNKNOWN_READERS =
  'the running means follow from this convolution, but the two are not of one module, so other layers may read its output';

function parentOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('.'), 0));
}
