/** Sweeps after which the coefficients of a small system have settled; it stops earlier when nothing moves. */
const MAX_SWEEPS = 2000;

/**
 * Minimises |target + Σ_k x_k · columns[k]|² with 0 (or −limits[k] where `isSigned`) ≤ x_k ≤ limits[k], by cyclic
 * coordinate descent on the normal equations (Franc, Hlaváč and Navara 2005, Sequential Coordinate-Wise Algorithm
 * for the Non-negative Least Squares Problem, with upper bounds added). Meant for few columns.
 */
export function boundedLeastSquares(
  target: Float64Array,
  columns: readonly Float64Array[],
  limits: readonly number[],
  isSigned = false,
): Float64Array {
  const count = columns.length;
  const x = new Float64Array(count);
  const gram = new Float64Array(count * count);
  const slope = new Float64Array(count);
  for (let a = 0; a < count; a++) {
    slope[a] = dot(columns[a]!, target);
    for (let b = a; b < count; b++) {
      const product = dot(columns[a]!, columns[b]!);
      gram[a * count + b] = product;
      gram[b * count + a] = product;
    }
  }
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let moved = 0;
    for (let k = 0; k < count; k++) {
      const curvature = gram[k * count + k]!;
      if (!(curvature > 0)) continue;
      const lowest = isSigned ? -limits[k]! : 0;
      const next = Math.min(Math.max(x[k]! - slope[k]! / curvature, lowest), limits[k]!);
      const step = next - x[k]!;
      if (step === 0) continue;
      x[k] = next;
      for (let other = 0; other < count; other++) {
        slope[other]! += step * gram[k * count + other]!;
      }
      moved = Math.max(moved, Math.abs(step) / (Math.abs(next) + 1e-12));
    }
    if (moved < 1e-9) break;
  }
  return x;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let idx = 0; idx < a.length; idx++) sum += a[idx]! * b[idx]!;
  return sum;
}
