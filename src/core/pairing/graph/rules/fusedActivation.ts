import { reason } from '../../../model/reason';
import { stringAttribute } from '../attributes';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guards 11 and 45: a convolution that applies an activation itself has it between its sum and the BatchNorm. */
export const fusedActivation: GraphRule = ({ conv: { node } }) => {
  const isUnknown =
    node.attributes.has('activation') && stringAttribute(node, 'activation') === null;
  const activation = isUnknown ? 'activation' : (stringAttribute(node, 'activation') ?? '');
  if (activation !== '' && activation !== 'None') {
    return [reason('FUSED_ACTIVATION', describeNode(node), activation)];
  }
  return node.opType === 'FusedConv'
    ? [reason('CUSTOM_DOMAIN', describeNode(node), node.domain)]
    : [];
};
