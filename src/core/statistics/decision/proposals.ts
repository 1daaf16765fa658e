import type { ConvLayer } from '../../model/layer';
import type { Pair, Policy } from '../../model/pair';
import { reason } from '../../model/reason';
import { isFoldedBy } from '../../pairing/policy';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { confirmingFinding } from './finding';
import { verdictOf } from './verdict';

/** Pairs that only the statistics found, beside the `known` ones of the names; `convs` are all of the network. */
export function proposePairs(
  known: readonly Pair[],
  others: readonly Study[],
  convs: readonly ConvLayer[],
  vote: ActivationVote,
  policy: Policy,
): Pair[] {
  const paired = new Set([...known, ...others].map(({ conv }) => conv.name));
  const loose = convs.filter(({ name }) => !paired.has(name));
  const ids = new Set(known.map(({ id }) => id));
  return others.map((study): Pair => {
    const { conv } = study;
    const bn = study.norm.layer;
    const id = ids.has(conv.name) ? `${conv.name}#${bn.name}` : conv.name;
    ids.add(id);
    const like = known.find((pair) => pair.conv.name === conv.name);
    const isUnit = parentOf(conv.name) === parentOf(bn.name);
    const rival = loose.find(
      (other) => isSiblingOf(other, conv) && other.outChannels === bn.channels,
    );
    const reasons = [
      ...(isUnit ? [] : [reason('PAIR_UNPROVED', UNKNOWN_READERS)]),
      ...(isUnit && rival !== undefined ? [reason('PAIR_UNPROVED', sharedWith(rival.name))] : []),
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

/** One BatchNorm may serve several convolutions of a module (LYWNet); its means then follow from each. */
function sharedWith(rival: string): string {
  return `the running means follow from this convolution, but ${rival} beside it has as many channels and no BatchNorm, so it may use the same one`;
}

function isSiblingOf(a: ConvLayer, b: ConvLayer): boolean {
  return parentOf(a.name) === parentOf(b.name);
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('.'), 0));
}
