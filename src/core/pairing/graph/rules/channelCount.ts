import { reason } from '../../../model/reason';
import type { GraphRule } from './candidate';

/** Guard 17: a BatchNorm of another width normalises something else. */
export const channelCount: GraphRule = ({ conv, bn }) => {
  const { outChannels, weight } = conv.layer;
  const isKnown = weight.shape.length > 0 && bn.parameters.scale.origin.kind !== 'computed';
  return isKnown && bn.layer.channels !== outChannels
    ? [reason('CHANNELS_DIFFER', bn.layer.channels, outChannels)]
    : [];
};
