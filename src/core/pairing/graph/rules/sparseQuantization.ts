import { reason } from '../../../model/reason';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

const RANGES = 'weight_dynamic_ranges';

/** Guard 34 in NVIDIA's SCN files: int8 ranges were calibrated on the unfolded weight. */
export const sparseQuantization: GraphRule = ({ conv: { node } }) => {
  const ranges = node.attributes.get(RANGES);
  const isQuantized = ranges?.kind === 'floats' && ranges.value.length > 0;
  return isQuantized ? [reason('WEIGHT_QUANTIZED', describeNode(node), RANGES)] : [];
};
