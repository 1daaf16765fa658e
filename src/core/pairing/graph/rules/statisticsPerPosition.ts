import { reason } from '../../../model/reason';
import { numberAttribute } from '../attributes';
import type { GraphRule } from './candidate';

/**
 * Guard 16: with `spatial` = 0 every position has statistics of its own. Opset 9 removed the attribute; a file that has
 * it all the same means something by it.
 */
export const statisticsPerPosition: GraphRule = ({ bn: { node } }) =>
  numberAttribute(node, 'spatial', 1) === 1 ? [] : [reason('STATISTICS_PER_POSITION')];
