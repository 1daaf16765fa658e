import type { GraphNode } from '../../../model/network';
import { reason, type Reason } from '../../../model/reason';
import { describeNode } from '../describeNode';
import type { GraphRule } from './candidate';

/** Guard 11: an operator means what the specification says in the default domain only. */
export const customDomain: GraphRule = ({ conv, bn }) => [
  // FusedConv has a rule of its own.
  ...(conv.node.opType === 'FusedConv' ? [] : foreign(conv.node)),
  ...foreign(bn.node),
];

function foreign(node: GraphNode): readonly Reason[] {
  return node.domain === '' ? [] : [reason('CUSTOM_DOMAIN', describeNode(node), node.domain)];
}
