import { elementCount } from '../../model/tensor';

/** How the taps of a kernel are summed before anything is multiplied: one plane of sums per unknown. */
export interface TapPlan {
  /** [planes][taps] factors with which each tap enters each plane. Plane 0 is taken as it is. */
  readonly factors: readonly Float64Array[];
  /** Largest coefficient of planes 1, 2 …; the smallest is 0. */
  readonly limits: readonly number[];
  /** Whether plane 0 is a prediction by itself; with `false` it is empty and the others must explain all. */
  readonly hasBase: boolean;
}

/**
 * Share of positions at which a tap one step off centre may fall outside the map: 1/H for a map H wide, so 0.3
 * allows maps down to 3 or 4 positions.
 */
const MAX_BORDER_SHARE = 0.3;

/**
 * Dense convolutions see zeros beyond the border: a tap d steps off centre misses d of H positions. First order in
 * 1/H that is two unknowns, one for each side (stride 2 pads one side only), the same for all spatial axes.
 */
export function denseTapPlan(kernel: readonly number[]): TapPlan {
  const taps = elementCount(kernel);
  const all = new Float64Array(taps).fill(1);
  if (taps === 1) return { factors: [all], limits: [], hasBase: true };
  const before = new Float64Array(taps);
  const after = new Float64Array(taps);
  forEachTap(kernel, (tap, offsets) => {
    for (const offset of offsets) {
      before[tap] = (before[tap] ?? 0) - Math.max(0, -offset);
      after[tap] = (after[tap] ?? 0) - Math.max(0, offset);
    }
  });
  return {
    factors: [all, before, after],
    limits: [MAX_BORDER_SHARE, MAX_BORDER_SHARE],
    hasBase: true,
  };
}

/** Transposed convolutions: every tap counts alike; each output sees a share of them, which is tried as a gain. */
export function plainTapPlan(kernel: readonly number[]): TapPlan {
  return {
    factors: [new Float64Array(elementCount(kernel)).fill(1)],
    limits: [],
    hasBase: true,
  };
}

/**
 * Sparse convolutions: a tap counts where its neighbour is active, with an unknown probability p in [0, 1] that
 * depends on the offset only (the centre of a submanifold one has p = 1, which the fit finds). Offsets that differ
 * by the signs of their coordinates share one p.
 */
export function sparseTapPlan(kernel: readonly number[]): TapPlan {
  const taps = elementCount(kernel);
  if (taps === 1) return plainTapPlan(kernel);
  const classes = new Map<string, Float64Array>();
  forEachTap(kernel, (tap, offsets) => {
    const key = offsets.map((offset) => Math.abs(offset)).join();
    const factors = classes.get(key) ?? new Float64Array(taps);
    factors[tap] = 1;
    classes.set(key, factors);
  });
  return {
    factors: [new Float64Array(taps), ...classes.values()],
    limits: Array.from(classes.keys(), () => 1),
    hasBase: false,
  };
}

/** Calls back with each tap's row-major index and its offsets from the kernel's centre. */
function forEachTap(
  kernel: readonly number[],
  visit: (tap: number, offsets: readonly number[]) => void,
): void {
  const taps = elementCount(kernel);
  for (let tap = 0; tap < taps; tap++) {
    const offsets: number[] = [];
    let rest = tap;
    for (const extent of kernel.toReversed()) {
      offsets.unshift((rest % extent) - (extent - 1) / 2);
      rest = Math.floor(rest / extent);
    }
    visit(tap, offsets);
  }
}
