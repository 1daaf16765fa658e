import { reason } from '../../../model/reason';
import type { GraphRule } from './candidate';

/** Guard 28: channels must divide into groups, or no element of the weight knows its output channel. */
export const groups: GraphRule = ({ conv: { layer, weight } }) => {
  if (weight.tensor.shape.length < 2) return [];
  const { inChannels, outChannels, groups: count } = layer;
  const isValid =
    Number.isSafeInteger(count) &&
    count > 0 &&
    inChannels % count === 0 &&
    outChannels % count === 0;
  return isValid ? [] : [reason('GROUPS_INVALID', inChannels, count)];
};
