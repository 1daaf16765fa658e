/** The two values nearly every network uses; whichever was not assumed is the one to compare with. */
const COMMON_EPS = { torch: 1e-5, detection: 1e-3 };

/**
 * By how much the scale gamma / √(var + eps) would change at most, over the channels, if eps were the other common
 * value: 1e-3 where 1e-5 is assumed, else 1e-5 (FOLDING.md guard 21). `rival` is the one that names speak for.
 */
export function epsSensitivity(
  variance: Float64Array,
  eps: number,
  rival?: number,
): { readonly other: number; readonly percent: number } {
  const other = rival ?? (eps < 1e-4 ? COMMON_EPS.detection : COMMON_EPS.torch);
  const changes = variance.map((value) => Math.abs(Math.sqrt((value + eps) / (value + other)) - 1));
  const largest = changes.reduce((max, change) => (change > max ? change : max), 0);
  return { other, percent: 100 * largest };
}
