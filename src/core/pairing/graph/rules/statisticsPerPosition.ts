import { reason } from '../../../model/reason';
import { numberAttribute } from '../attributes';
import type { GraphRule } from './candidate';

/** Opset that removed `spatial`. */
const ALWAYS_PER_CHANNEL = 9;

/** Guard 16: with `spatial` = 0 every position has statistics of its own. */
export const statisticsPerPosition: GraphRule = ({ bn: { node, scope } }) =>
  scope.opset < ALWAYS_PER_CHANNEL && numberAttribute(node, 'spatial', 1) !== 1
    ? [reason('STATISTICS_PER_POSITION')]
    : [];
