/**
 * The inner loops of the statistical test, in AssemblyScript: compiled to WebAssembly by `npm run build:kernels`.
 * Sums of float32 weights times float64 expectations, in float64. Addresses are bytes.
 */

const FLOAT: usize = sizeof<f32>();
const DOUBLE: usize = sizeof<f64>();
/** Expectations worked through side by side, so that each weight is loaded once for all of them. */
const LANES: usize = 8;

/**
 * means[row][lane] = Σ_i weights[row][i] · expected[starts[row] + i][lane] for `rows` rows of `count` weights:
 * `weights` is [rows × count] float32, `starts` [rows] int32, `expected` and `means` have LANES float64 a place.
 */
export function predictLanes(
  weights: usize, rows: i32, count: i32, starts: usize, expected: usize, means: usize,
): void {
  let at = weights;
  for (; rows > 0; rows--) {
    let place = expected + <usize>load<i32>(starts) * LANES * DOUBLE;
    let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), d = f64x2.splat(0);
    const end = at + <usize>count * FLOAT;
    for (; at < end; at += FLOAT) {
      const weight = f64x2.splat(<f64>load<f32>(at));
      a = f64x2.add(a, f64x2.mul(weight, v128.load(place)));
      b = f64x2.add(b, f64x2.mul(weight, v128.load(place, 16)));
      c = f64x2.add(c, f64x2.mul(weight, v128.load(place, 32)));
      d = f64x2.add(d, f64x2.mul(weight, v128.load(place, 48)));
      place += LANES * DOUBLE;
    }
    v128.store(means, a);
    v128.store(means, b, 16);
    v128.store(means, c, 32);
    v128.store(means, d, 48);
    means += LANES * DOUBLE;
    starts += sizeof<i32>();
  }
}

/** means[row] = Σ_i weights[row][i] · expected[starts[row] + i]: the same for one expectation. */
export function predictOne(
  weights: usize, rows: i32, count: i32, starts: usize, expected: usize, means: usize,
): void {
  let at = weights;
  for (; rows > 0; rows--) {
    let place = expected + <usize>load<i32>(starts) * DOUBLE;
    let a = f64x2.splat(0), b = f64x2.splat(0);
    let left = count;
    for (; left >= 4; left -= 4) {
      const four = v128.load(at);
      const low = f64x2.promote_low_f32x4(four);
      const high = f64x2.promote_low_f32x4(i64x2.shuffle(four, four, 1, 0));
      a = f64x2.add(a, f64x2.mul(low, v128.load(place)));
      b = f64x2.add(b, f64x2.mul(high, v128.load(place, 16)));
      at += 4 * FLOAT;
      place += 4 * DOUBLE;
    }
    a = f64x2.add(a, b);
    let sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
    for (; left > 0; left--) {
      sum += <f64>load<f32>(at) * load<f64>(place);
      at += FLOAT;
      place += DOUBLE;
    }
    store<f64>(means, sum);
    means += DOUBLE;
    starts += sizeof<i32>();
  }
}
