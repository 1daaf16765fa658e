import type { ConvLayer } from '../../model/layer';
import type { ChannelSums } from '../weights/channelSums';

/** A convolution of the file with its sums and bias. */
export interface Witness {
  readonly conv: ConvLayer;
  /** Place in the order in which the file registers its layers. */
  readonly order: number;
  readonly sums: ChannelSums;
  /** A few rows of the sums, for sifting hypotheses; null where all rows cost no more. */
  readonly sieve: Sieve | null;
  readonly bias: Float64Array | null;
}

/** Some rows of a weight's sums. */
export interface Sieve {
  readonly sums: ChannelSums;
  /** Their places among all rows, ascending. */
  readonly places: readonly number[];
}

/** Rows on which many hypotheses are sifted before the best are judged on all rows. */
const SIEVE_ROWS = 48;
/** Multiplications per hypothesis above which sifting pays. */
const SIFT_ABOVE = 3e4;

/** An even selection of a large layer's rows; null where reading a feed on all rows is cheap anyway. */
export function sieveOf(sums: ChannelSums): Sieve | null {
  const { rows, inputs, planes } = sums;
  if (rows.length <= SIEVE_ROWS || rows.length * inputs * planes.length <= SIFT_ABOVE) return null;
  const places = Array.from({ length: SIEVE_ROWS }, (_, idx) =>
    Math.floor((idx * rows.length) / SIEVE_ROWS),
  );
  return { sums: pickRows(sums, places), places };
}

/** The sums at the rows `kept` alone, `kept` being ascending places in them. */
export function pickRows(sums: ChannelSums, kept: readonly number[]): ChannelSums {
  const pick = (of: Int32Array): Int32Array => Int32Array.from(kept, (row) => of[row] ?? 0);
  return { ...sums, rows: pick(sums.rows), places: pick(sums.places) };
}
