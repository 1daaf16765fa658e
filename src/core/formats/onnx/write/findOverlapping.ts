import type { TensorRecord } from '../records';

/**
 * Tensors whose bytes in a data file belong to another tensor as well: writers that store equal values once make
 * them. Such bytes must not be changed in place.
 */
export function findOverlapping(tensors: readonly TensorRecord[]): ReadonlySet<TensorRecord> {
  const overlapping = new Set<TensorRecord>();
  const ranges = tensors
    .flatMap((record) => {
      const { location } = record.tensor;
      return location.kind === 'range' && location.length > 0 ? [{ record, ...location }] : [];
    })
    .sort((a, b) => a.source - b.source || a.offset - b.offset);
  // The range that reaches farthest so far: in sorted order an overlap is an overlap with it.
  let farthest = ranges[0];
  for (const range of ranges.slice(1)) {
    if (farthest === undefined) break;
    const farthestEnd = farthest.offset + farthest.length;
    const isSameFile = range.source === farthest.source;
    if (isSameFile && range.offset < farthestEnd) {
      overlapping.add(range.record).add(farthest.record);
    }
    if (!isSameFile || range.offset + range.length > farthestEnd) farthest = range;
  }
  return overlapping;
}
