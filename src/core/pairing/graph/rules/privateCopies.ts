import { reason } from '../../../model/reason';
import { describeUses } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guard 4 where nodes name what they read, as in ONNX: a shared weight or bias gets a private copy. */
export const privateCopies: GraphRule = ({ conv: { weight, bias } }) => {
  const biasUses = bias?.otherUses ?? [];
  return [
    ...(weight.otherUses.length > 0
      ? [reason('SHARED_WEIGHT_COPIED', describeUses(weight.otherUses))]
      : []),
    ...(biasUses.length > 0 ? [reason('SHARED_BIAS_COPIED', describeUses(biasUses))] : []),
  ];
};
