import type { Study } from '../recovery/study';

/**
 * The file's own activation, where another one does better, may miss by an offset alone: expectations of what is not
 * quite normal are off by some hundredths of a standard deviation, in all channels alike.
 */
const MAX_SHIFT = 0.1;
const MIN_CORRELATION = 0.99;

/** No activation, slopes that the file stores, and the mirrored kind, which takes no part in the vote. */
export const exempt: ReadonlySet<string> = new Set(['none', 'prelu', 'crelu']);

/**
 * Whether a study's best reading needs no activation in front that no other layer of the file has, to explain
 * `leastShare`. A single layer with an activation of its own is rarer than something between convolution and BatchNorm
 * that bends the means a little, such as a tanh, which another activation in front imitates.
 */
export function isWithOrdinaryActivation(study: Study, leastShare: number): boolean {
  const { best, singles, ordinary } = study;
  if (best === null || ordinary === null) return true;
  const { activation, origin, order, via } = best.feed;
  const isForeign = origin.kind === 'norm' && !exempt.has(activation) && !ordinary.has(activation);
  if (!isForeign) return true;
  return singles.some(({ feed, fit }) => {
    const isRival = feed.order === order && feed.via === via && ordinary.has(feed.activation);
    const isShifted = Math.abs(fit.offset) <= MAX_SHIFT && fit.correlation >= MIN_CORRELATION;
    return isRival && (fit.share >= leastShare || isShifted);
  });
}
