import { reason } from '../../../model/reason';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

const RANGES = 'weight_dynamic_ranges';

/**
 * Guard 34 in NVIDIA's SCN files: int8 ranges per output channel grow with their channels. Any other number of them
 * belongs to another weight, which the runtime would refuse.
 */
export const dynamicRanges: GraphRule = ({ conv: { node, layer } }) => {
  const ranges = node.attributes.get(RANGES);
  if (ranges?.kind !== 'floats' || ranges.value.length === 0) return [];
  return ranges.value.length === layer.outChannels
    ? [reason('AMAX_RESCALED', RANGES)]
    : [reason('WEIGHT_QUANTIZED', describeNode(node), RANGES)];
};
