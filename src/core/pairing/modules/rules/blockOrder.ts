import type { ModuleNode } from '../moduleNode';
import type { Obstacle } from './link';

/**
 * What a block that keeps its own order of execution says against its norm running behind its convolution: mmcv's
 * ConvModule registers conv, norm and activation alike whatever its `order` is (FOLDING.md 47). Null when nothing.
 */
export function ownOrderObstacle(scope: ModuleNode): Obstacle | null {
  const order = scope.module?.attributes?.get('order');
  if (!Array.isArray(order)) return null;
  const conv = order.indexOf('conv');
  const norm = order.indexOf('norm');
  if (conv < 0 || norm < 0 || norm === conv + 1) return null;
  const words = order.join(', ');
  if (norm < conv) {
    return { kind: 'unproved', why: `its block runs its layers in the order ${words}` };
  }
  return { kind: 'activation', what: `An activation (the block’s order is ${words})` };
}
