import { reason } from '../../../model/reason';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guard 35 where the code of the file stays as it is: what it computes between the two layers stays with it. */
export const nothingBetween: GraphRule = ({ steps }) =>
  steps.flatMap(({ node, effect }) =>
    effect.kind === 'affine' ? [reason('OPERATOR_BETWEEN', describeNode(node))] : [],
  );
