import type { Norm } from '../norm';

/** A place in the file's order of layers, and the BatchNorm that cannot be its own input. */
export interface Place {
  readonly order: number;
  readonly norm?: Norm;
}

/** The trained BatchNorms with `width` channels, but for the place's own, nearest in the file's order first. */
export function nearest(
  norms: readonly Norm[],
  { order, norm: own }: Place,
  width: number,
  limit: number,
): Norm[] {
  return norms
    .filter((norm) => norm.mean.length === width && norm !== own && norm.isTrained)
    .toSorted((a, b) => Math.abs(a.order - order) - Math.abs(b.order - order))
    .slice(0, limit);
}
