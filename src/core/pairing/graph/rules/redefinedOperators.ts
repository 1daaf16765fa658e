import type { GraphNetwork } from '../../../model/network';
import { reason } from '../../../model/reason';
import type { GraphRule } from './candidate';

/** Operators between a stored tensor and the layer that reads it. */
const carriers = ['Constant', 'Identity'];

/**
 * Guard 11 for the default domain: a file may hold a function of an operator's own name there, and leaves it to the
 * runtime which of the two is meant.
 */
export function redefinedOperators({ graphs }: GraphNetwork): GraphRule {
  const redefined = new Set(
    graphs.flatMap(({ kind, scope }) => (kind === 'function' ? [scope.split(':')[0] ?? ''] : [])),
  );
  const isRedefined = (opType: string): boolean => redefined.has(opType);
  return ({ conv, steps, bn }) => {
    if (redefined.size === 0) return [];
    const nodes = [conv.node, ...steps.map(({ node }) => node), bn.node];
    const opType = [...nodes.map((node) => node.opType), ...carriers].find(isRedefined);
    return opType === undefined ? [] : [reason('OPERATOR_REDEFINED', opType)];
  };
}
