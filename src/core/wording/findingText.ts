import type { StatisticsFinding } from '../model/pair';

/** A correlation as people read it; never rounded up to a perfect 1. */
export function fitText(fit: number): string {
  return fit > 0.9995 ? '0.999' : fit.toFixed(3);
}

/** What the statistics found to feed a convolution: `relu6(_blocks.0._bn1)`; null when they do not tell. */
export function fedByText({ fedBy, from, activation }: StatisticsFinding): string | null {
  if (fedBy !== undefined) return fedBy;
  if (from === null) return null;
  return activation === null || activation === 'none' ? from : `${activation}(${from})`;
}
