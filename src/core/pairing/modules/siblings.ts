import { channelSign, directionByChannels, directionInOrder, type Direction } from './channelSign';
import { groupBy } from './groupBy';
import { isConvNormUnit, type ModuleNode } from './moduleNode';
import type { ModuleTree } from './moduleTree';
import { pathPattern } from './nameWords';
import type { Link } from './rules/link';
import type { WeightFamilies } from './weightFamilies';

/** What a group of like links shows: the norm runs behind its convolution, in front of it, or it is not certain. */
export type Orientation = Exclude<Direction, 'open'>;

/**
 * Decides for every link between names whether its norm runs behind the convolution or before it
 * (pre-activation: `norm1, conv1, norm2, conv2`). Blocks made by the same code count together: one block whose
 * channels deny a hypothesis denies it for all. Where the file keeps the order of registration it must agree.
 * `hasSequences` says that Sequentials of the file have norms behind convolutions.
 */
export function orientations(
  links: readonly Link[],
  families: WeightFamilies,
  { layers, isOrdered }: ModuleTree,
  hasSequences: boolean,
): ReadonlyMap<Link, Orientation> {
  const layerBefore = ({ order }: ModuleNode): ModuleNode | null =>
    isOrdered ? (layers[order - 1] ?? null) : null;
  const keyed = links.flatMap((link) =>
    groupKeys(link, isOrdered).map((key, width) => ({ key, width, link })),
  );
  const directions = new Map<string, Direction>();
  for (const [key, group] of groupBy(keyed, ({ key }) => key)) {
    const [first] = group;
    if (first === undefined) continue;
    // Weights of routed experts and the like look linear and fit nothing: they say nothing of convolutions.
    const convs = group.filter(({ link }) => link.conv.kind === 'conv');
    const voters = convs.length > 0 ? convs : group;
    const signs = voters.map(({ link }) => channelSign(link, families, layerBefore(link.conv)));
    const direction = isOrdered
      ? directionInOrder(signs, isBehind(first.link) ? 'behind' : 'before')
      : directionByChannels(signs);
    // Names alone, from all over a file without order, are too weak a sign to turn a pair around.
    const isWeak = first.width === WIDEST && !isOrdered && direction === 'before';
    directions.set(key, isWeak ? 'open' : direction);
  }
  const rest = isOrdered ? 'unclear' : consensus([...directions.values()], hasSequences);
  return new Map(
    links.map((link) => {
      // The narrowest group that is certain; a wider one only where the narrow one leaves both possible.
      const answers = groupKeys(link, isOrdered).map((key) => directions.get(key) ?? 'open');
      // Without order and without names, channels must decide alone.
      const last = link.rule === 'order' ? 'unclear' : rest;
      return [link, answers.find((each) => each !== 'open') ?? last];
    }),
  );
}

/**
 * Where all channels are equal and no order is left, blocks do as the rest of the file does, if that is of one mind:
 * `behind` when pairs are known to run so and none runs the other way.
 */
function consensus(directions: readonly Direction[], hasSequences: boolean): Orientation {
  const isKnown = hasSequences || directions.includes('behind');
  return isKnown && !directions.includes('before') ? 'behind' : 'unclear';
}

const WIDEST = 2;

/** Names of the groups a link counts in, narrowest first: its kind of block, its surroundings, its pair of names. */
function groupKeys(link: Link, isOrdered: boolean): string[] {
  const { norm, conv, scope } = link;
  const order = isOrdered ? (isBehind(link) ? 'behind' : 'before') : '';
  const relation = pathPattern(`${pathFrom(scope, conv)}|${pathFrom(scope, norm)}`);
  const isUnit = isConvNormUnit(scope);
  const around = pathPattern((isUnit ? scope.parent?.path : scope.path) ?? '');
  return [
    `${order}|${pathPattern(scope.path)}|${relation}`,
    isUnit ? `${order}|${around}|*|${relation}` : `${order}|${around}|*`,
    `${order}|${relation}`,
  ];
}

function isBehind({ conv, norm }: Link): boolean {
  return conv.order < norm.order;
}

function pathFrom(scope: ModuleNode, node: ModuleNode): string {
  return scope.path === '' ? node.path : node.path.slice(scope.path.length + 1);
}
