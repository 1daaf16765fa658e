import { chooseReading, type ChosenReading } from './chooseReading';
import { convWeight, groupsFor } from './convReading';
import type { ModuleNode } from './moduleNode';
import type { Link } from './rules/link';
import { mayBeTransposed } from './transposedName';
import { channelsOf, type WeightFamilies } from './weightFamilies';

/** What the channels of one convolution and one norm allow: that the norm runs behind it, or before it. */
export interface ChannelSign {
  /**
   * The convolution gives as many channels as the norm has; `transposed` if only a transposed one would, `unlikely`
   * if neither its kernel nor a name nor the layer in front of it speaks for a transposed one.
   */
  readonly behind: 'yes' | 'transposed' | 'unlikely' | 'no';
  /** Groups with which the convolution takes as many channels as the norm has; null when it cannot. */
  readonly groupsBefore: number | null;
}

/** What a set of blocks says of where their norms run; `open` when the channels allow both. */
export type Direction = 'behind' | 'before' | 'unclear' | 'open';

/** Fewer groups than this are rarer than a convolution that doubles its channels. */
const MIN_GROUPS = 8;

/** Compares the channels of a link's convolution and norm. `before` is the layer registered before the convolution. */
export function channelSign(
  { norm, conv }: Link,
  families: WeightFamilies,
  before: ModuleNode | null,
): ChannelSign {
  const channels = channelsOf(norm);
  const shape = convWeight(conv)?.shape ?? [];
  // A listing may show a convolution without its shape: it fits whatever is asked.
  if (shape.length === 0) return { behind: 'yes', groupsBefore: null };
  const chosen = chooseReading(conv, channels, families);
  const isSparse = families.has(conv);
  const sparseIn = chosen.kind === 'none' ? 0 : chosen.reading.groupInChannels;
  const isTransposed =
    chosen.kind === 'one' && !chosen.isTransposedByShape && chosen.reading.layout === 'IO*';
  return {
    behind: chosen.kind === 'none' ? 'no' : behindSign(conv, chosen, before),
    groupsBefore: isSparse
      ? groupsOfOne(sparseIn, channels)
      : isTransposed
        ? groupsOfOne(shape[0] ?? 0, channels)
        : groupsFor(shape, channels),
  };
}

function groupsOfOne(inChannels: number, channels: number): number | null {
  return inChannels === channels ? 1 : null;
}

function behindSign(
  conv: ModuleNode,
  chosen: ChosenReading,
  before: ModuleNode | null,
): ChannelSign['behind'] {
  if (chosen.kind !== 'one' || !chosen.isTransposedByShape) return 'yes';
  const isFed = before !== null && outChannels(before) === chosen.reading.groupInChannels;
  return isFed || mayBeTransposed(conv, chosen.reading.kernel) ? 'transposed' : 'unlikely';
}

function outChannels(layer: ModuleNode): number {
  return layer.kind === 'norm' ? channelsOf(layer) : (convWeight(layer)?.shape[0] ?? 0);
}

/**
 * Direction of blocks whose norms are registered in front of their convolutions, or behind them.
 * The order is one sign, the channels of all blocks the other; both must agree, or the channels be of one mind.
 */
export function directionInOrder(
  signs: readonly ChannelSign[],
  order: 'behind' | 'before',
): Direction {
  if (order === 'behind') {
    // Channels that fit in front of every convolution, and behind only if it were transposed: the order may mislead.
    const fitsBefore =
      signs.some(({ behind }) => behind === 'unlikely') &&
      signs.every(({ groupsBefore }) => groupsBefore === 1);
    return !fitsBefore && signs.every(({ behind }) => behind !== 'no') ? 'behind' : 'unclear';
  }
  // Norms may be registered first and run last; more than one block must say so.
  const denials = signs.filter((sign) => !canBeBefore(sign));
  if (denials.length > 1 && signs.every(({ behind }) => behind === 'yes')) return 'behind';
  if (!signs.every(({ groupsBefore }) => groupsBefore !== null)) return 'unclear';
  return signs.every(({ behind }) => behind === 'yes') ? 'open' : 'before';
}

/** Direction of blocks in a file without order: the channels of all blocks must deny the other one. */
export function directionByChannels(signs: readonly ChannelSign[]): Direction {
  const canBeBehind = signs.every(({ behind }) => behind === 'yes');
  if (!signs.every(canBeBefore)) return canBeBehind ? 'behind' : 'unclear';
  // One block is not enough to turn names around, and groups alone fit by chance.
  const isWitnessed = signs.length > 1 && signs.some(({ groupsBefore }) => groupsBefore === 1);
  return !canBeBehind && isWitnessed ? 'before' : 'open';
}

function canBeBefore({ groupsBefore }: ChannelSign): boolean {
  return groupsBefore !== null && (groupsBefore === 1 || groupsBefore >= MIN_GROUPS);
}
