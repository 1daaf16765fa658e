import { reason } from '../../../model/reason';
import type { TiedStorages } from '../../tiedStorages';
import { describeUses } from '../describeNode';
import type { Parameter } from '../parameter';
import type { GraphRule } from './candidate';

/**
 * Guard 4 where the code of the file stays as it is, as in TorchScript: parameters change in place, so whatever
 * reads them too, or lies in the same bytes, would change along.
 */
export function tiedParameters(tied: TiedStorages): GraphRule {
  const sharer = ({ tensor, otherUses }: Parameter): string | undefined =>
    otherUses.length > 0 ? describeUses(otherUses) : tied.sharersOf(tensor)[0];
  return ({ conv: { weight, bias }, bn }) => {
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
