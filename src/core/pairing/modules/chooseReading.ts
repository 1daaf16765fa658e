import { isTransposedClass } from './classNames';
import { convWeight, readingsOf, type ConvReading } from './convReading';
import type { ModuleNode } from './moduleNode';
import { isTransposedByName, saysTransposed } from './transposedName';
import type { WeightFamilies } from './weightFamilies';

/** How a convolution's weight is read against a norm: one way, two ways that cannot be told apart, or not at all. */
export type ChosenReading =
  | { readonly kind: 'one'; readonly reading: ConvReading; readonly isTransposedByShape: boolean }
  | { readonly kind: 'transposed-or-not'; readonly reading: ConvReading }
  | { readonly kind: 'layout-unknown'; readonly reading: ConvReading }
  | { readonly kind: 'none' };

/** Reads a convolution's weight so that it has `channels` outputs, if it can. */
export function chooseReading(
  conv: ModuleNode,
  channels: number,
  families: WeightFamilies,
): ChosenReading {
  const shape = convWeight(conv)?.shape ?? [];
  const found = families.get(conv);
  if (found?.family === 'ambiguous') {
    const [reading] = [
      ...readingsOf(shape, channels, 'spconv1'),
      ...readingsOf(shape, channels, 'spconv2'),
    ];
    return reading === undefined ? { kind: 'none' } : { kind: 'layout-unknown', reading };
  }
  const biased = biasedChannels(conv);
  if (biased !== null && biased !== channels) return { kind: 'none' };
  const readings = readingsOf(shape, channels, found?.family ?? 'dense');
  const plain = readings.find(({ layout }) => layout !== 'IO*');
  const transposed = readings.find(({ layout }) => layout === 'IO*');
  const className = conv.className;
  if (className !== null) {
    const reading = isTransposedClass(className) ? transposed : plain;
    return reading === undefined
      ? { kind: 'none' }
      : { kind: 'one', reading, isTransposedByShape: false };
  }
  const [only] = readings;
  if (only === undefined) return { kind: 'none' };
  const byName = isTransposedByName(conv, only.kernel);
  if (transposed === undefined) return { kind: 'one', reading: only, isTransposedByShape: false };
  if (plain === undefined) {
    const isKnown = byName === 'yes' || biased !== null;
    // Grouped transposed convolutions are rare; other weights have such shapes by chance.
    if (transposed.groups > 1 && !isKnown) return { kind: 'none' };
    return { kind: 'one', reading: transposed, isTransposedByShape: !isKnown };
  }
  if (transposed.groups === 1) {
    if (byName === null) return { kind: 'transposed-or-not', reading: plain };
    return {
      kind: 'one',
      reading: byName === 'yes' ? transposed : plain,
      isTransposedByShape: false,
    };
  }
  return groupedReading(conv, plain, transposed, byName);
}

/**
 * Groups that fit both ways are those of an ordinary convolution (ResNeXt), unless a name says otherwise. Words that
 * only say that the layer enlarges (`decoder`, `up`) are said of both kinds.
 */
function groupedReading(
  conv: ModuleNode,
  plain: ConvReading,
  transposed: ConvReading,
  byName: ReturnType<typeof isTransposedByName>,
): ChosenReading {
  const isDepthwise = transposed.groups === transposed.outChannels;
  if (byName === 'yes' && !isDepthwise && !saysTransposed(conv)) {
    return { kind: 'transposed-or-not', reading: plain };
  }
  const reading = byName === 'yes' ? transposed : plain;
  return { kind: 'one', reading, isTransposedByShape: false };
}

/** Channels that a convolution's bias says it gives; null without a bias. */
function biasedChannels(conv: ModuleNode): number | null {
  const shape = conv.module?.tensors.get('bias')?.shape;
  return shape?.length === 1 ? (shape[0] ?? null) : null;
}
