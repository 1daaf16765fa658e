import { chooseReading } from './chooseReading';
import { convWeight, groupsFor } from './convReading';
import type { Link } from './rules/link';
import { channelsOf, type WeightFamilies } from './weightFamilies';

/** What the channels of one convolution and one norm allow: that the norm runs behind it, or before it. */
export interface ChannelSign {
  /** The convolution gives as many channels as the norm has; `transposed` if only a transposed one would. */
  readonly behind: 'yes' | 'transposed' | 'no';
  /** Groups with which the convolution takes as many channels as the norm has; null when it cannot. */
  readonly groupsBefore: number | null;
}

/** What a set of blocks says of where their norms run; `open` when the channels allow both. */
export type Direction = 'behind' | 'before' | 'unclear' | 'open';

/** Fewer groups than this are rarer than a convolution that doubles its channels. */
const MIN_GROUPS = 8;

/** Compares the channels of a link's convolution and norm. */
export function channelSign({ norm, conv }: Link, families: WeightFamilies): ChannelSign {
  const channels = channelsOf(norm);
  const shape = convWeight(conv)?.shape ?? [];
  // A listing may show a convolution without its shape: it fits whatever is asked.
  if (shape.length === 0) return { behind: 'yes', groupsBefore: null };
  const chosen = chooseReading(conv, channels, families);
  const isSparse = families.has(conv);
  const sparseIn = chosen.kind === 'none' ? 0 : chosen.reading.groupInChannels;
  const isTransposed = chosen.kind === 'one' && chosen.isTransposedByShape;
  return {
    behind: chosen.kind === 'none' ? 'no' : isTransposed ? 'transposed' : 'yes',
    groupsBefore: !isSparse ? groupsFor(shape, channels) : sparseIn === channels ? 1 : null,
  };
}

/**
 * Direction of blocks whose norms are registered in front of their convolutions, or behind them.
 * The order is one sign, the channels of all blocks the other; both must agree.
 */
export function directionInOrder(
  signs: readonly ChannelSign[],
  order: 'behind' | 'before',
): Direction {
  if (order === 'behind') {
    return signs.every(({ behind }) => behind !== 'no') ? 'behind' : 'unclear';
  }
  if (!signs.every(({ groupsBefore }) => groupsBefore !== null)) return 'unclear';
  return signs.every(({ behind }) => behind === 'yes') ? 'open' : 'before';
}

/** Direction of blocks in a file without order: the channels of all blocks must deny the other one. */
export function directionByChannels(signs: readonly ChannelSign[]): Direction {
  const canBeBehind = signs.every(({ behind }) => behind === 'yes');
  const canBeBefore = signs.every(
    ({ groupsBefore }) =>
      groupsBefore !== null && (groupsBefore === 1 || groupsBefore >= MIN_GROUPS),
  );
  if (!canBeBefore) return canBeBehind ? 'behind' : 'unclear';
  // One block is not enough to turn names around, and groups alone fit by chance.
  const isWitnessed = signs.length > 1 && signs.some(({ groupsBefore }) => groupsBefore === 1);
  return !canBeBehind && isWitnessed ? 'before' : 'open';
}
