import { reason } from '../../../model/reason';
import type { TiedStorages } from '../../tiedStorages';
import { describeUses } from '../describeNode';
import type { Parameter } from '../parameter';
import type { GraphRule } from './candidate';
import type { TwinUses } from './twins';

/**
 * Guard 4 where the code of the file stays as it is, as in TorchScript: parameters change in place, so whatever
 * reads them too, or lies in the same bytes, would change along. Other calls of the same two layers change alike.
 */
export function tiedParameters(tied: TiedStorages, twins: TwinUses): GraphRule {
  return (candidate) => {
    const { conv, bn } = candidate;
    const { weight, bias } = conv;
    const strangers = twins(candidate);
    const sharer = ({ tensor, otherUses }: Parameter): string | undefined => {
      const uses = strangers(otherUses);
      return uses.length > 0 ? describeUses(uses) : tied.sharersOf(tensor)[0];
    };
    const convSharer = sharer(weight) ?? (bias ? sharer(bias) : undefined);
    const bnReasons = Object.entries(bn.parameters).flatMap(([name, parameter]) => {
      const found = sharer(parameter);
      return found === undefined ? [] : [reason('BATCHNORM_SHARED', name, found)];
    });
    return [
      ...(convSharer === undefined ? [] : [reason('SHARED_WEIGHT_TIED', convSharer)]),
      ...bnReasons,
    ];
  };
}
