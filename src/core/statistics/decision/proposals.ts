import type { Pair, Policy } from '../../model/pair';
import { reason } from '../../model/reason';
import { isFoldedBy } from '../../pairing/policy';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { confirmingFinding } from './finding';

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
    const isFolded = isFoldedBy(policy, conv);
    return {
      id,
      conv: like?.conv ?? conv,
      bn: known.find((pair) => pair.bn.name === bn.name)?.bn ?? bn,
      evidence: 'names',
      verdict: isFolded ? 'fusable' : 'skipped',
      reasons: isFolded ? [] : [reason('POLICY_BEVFUSION', conv.type)],
      statistics: confirmingFinding(study, vote),
      between: [],
      biasFactor: 1,
      copiesWeight: like?.copiesWeight ?? false,
      copiesBias: like?.copiesBias ?? false,
      quantizers: like?.quantizers ?? [],
    };
  });
}
