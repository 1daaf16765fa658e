import { convWeight } from '../convReading';
import { groupBy } from '../groupBy';
import type { ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import { pathPattern } from '../nameWords';
import { channelsOf } from '../weightFamilies';
import type { Link } from './link';

/**
 * Links by order whose convolution stands behind others that have no norm of their own: `conv1, conv2, bn`. These
 * may run one after the other, or side by side into a sum that the norm takes. Channels that a sum cannot have
 * prove the former, in one block for all of its kind. Returns the links that nothing proves.
 */
export function unprovedChains(links: readonly Link[], tree: ModuleTree): ReadonlySet<Link> {
  const chained = links.filter((link) => link.rule === 'order' && runBefore(link, tree).length > 0);
  const kinds = groupBy(chained, ({ scope, conv, norm }) =>
    [pathPattern(scope.path), conv.name, norm.name].join('|'),
  );
  const unproved = [...kinds.values()].filter(
    (group) => !group.some((link) => isChain(link, runBefore(link, tree))),
  );
  return new Set(unproved.flat());
}

/** The convolutions of the same block that are registered right before a link's, the nearest first. */
function runBefore({ conv, scope }: Link, { layers }: ModuleTree): ModuleNode[] {
  const run: ModuleNode[] = [];
  for (let at = conv.order - 1; at >= 0 && run.length < MAX_RUN; at--) {
    const layer = layers[at];
    if (layer?.kind !== 'conv' || layer.parent !== scope) break;
    run.push(layer);
  }
  return run;
}

/** Side by side run two or three convolutions, rarely more. */
const MAX_RUN = 8;

function isChain({ conv, norm }: Link, run: readonly ModuleNode[]): boolean {
  return run.every(
    (other) =>
      outChannels(other) !== channelsOf(norm) ||
      inChannels(other) !== inChannels(conv) ||
      (/dw|depth/i.test(other.name) && /pw|point/i.test(conv.name)),
  );
}

function outChannels(conv: ModuleNode): number {
  return convWeight(conv)?.shape[0] ?? 0;
}

/** One input channel a group is taken for depthwise. */
function inChannels(conv: ModuleNode): number {
  const [out = 0, groupIn = 0] = convWeight(conv)?.shape ?? [];
  return groupIn === 1 ? out : groupIn;
}
