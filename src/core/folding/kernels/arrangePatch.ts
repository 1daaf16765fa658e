import type { WeightAxis } from '../../model/fold';

/**
 * The patch in the order in which a walk over storage meets its positions, and the axes numbered accordingly: then a
 * run of neighbouring elements reads neighbouring patch values, whatever the layout.
 * `makePatch` gives the values by logical position: input channel first, kernel tap second.
 */
export function arrangePatch(
  axes: readonly WeightAxis[],
  makePatch: (length: number) => Float64Array,
): { readonly axes: readonly WeightAxis[]; readonly patch: Float64Array } {
  const sums = axes.filter((axis) => axis.reductionStep > 0);
  const length = sums.reduce((product, axis) => product * axis.count, 1);
  const logical = makePatch(length);
  const steps = new Map<WeightAxis, number>();
  let step = 1;
  for (const axis of sums.toReversed()) {
    steps.set(axis, step);
    step *= axis.count;
  }
  const arranged = axes.map((axis) => ({ ...axis, reductionStep: steps.get(axis) ?? 0 }));
  const isInOrder = sums.every((axis) => steps.get(axis) === axis.reductionStep);
  return { axes: arranged, patch: isInOrder ? logical : permute(logical, sums) };
}

/** Values in the order of a walk over `axes`, slowest first. */
function permute(logical: Float64Array, axes: readonly WeightAxis[]): Float64Array {
  const patch = new Float64Array(logical.length);
  const indices = axes.map(() => 0);
  let position = 0;
  for (let place = 0; place < patch.length; place++) {
    patch[place] = logical[position]!;
    for (let idx = axes.length - 1; idx >= 0; idx--) {
      const axis = axes[idx]!;
      position += axis.reductionStep;
      indices[idx]!++;
      if (indices[idx]! < axis.count) break;
      position -= axis.count * axis.reductionStep;
      indices[idx] = 0;
    }
  }
  return patch;
}
