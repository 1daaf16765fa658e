import type { FloatDType } from '../../model/tensor';
import type { DriftMetrics } from '../metrics';

/** Explicit significand bits and smallest normal exponent of each type. */
const steps: Readonly<Record<FloatDType, readonly [bits: number, minExponent: number]>> = {
  f64: [52, -1022],
  f32: [23, -126],
  f16: [10, -14],
  bf16: [7, -126],
};

/**
 * Sums behind drift metrics, added to tensor by tensor, so that no two whole tensors need to wait in memory.
 * Elements that are NaN in both, or the same infinity, count as equal and stay out of the norms. One that is finite
 * on one side only makes the difference infinite.
 */
export class DriftSums {
  private count = 0;
  private maxAbs = 0;
  private sumAbs = 0;
  private noise = 0;
  private power = 0;
  private candidatePower = 0;
  private product = 0;
  private maxUlp = 0;
  private readonly bits: number;
  private readonly minExponent: number;

  constructor(dtype: FloatDType) {
    [this.bits, this.minExponent] = steps[dtype];
  }

  /** Takes two arrays of one length, element by element. */
  add(reference: ArrayLike<number>, candidate: ArrayLike<number>): void {
    this.count += reference.length;
    for (let start = 0; start < reference.length; start += BLOCK) {
      const end = Math.min(start + BLOCK, reference.length);
      const isPlain = this.addPlain(reference, candidate, start, end);
      if (!isPlain) this.addCarefully(reference, candidate, start, end);
    }
  }

  /**
   * Adds a block of finite numbers without a new largest ULP, which most are, and tells whether it is one; if not,
   * nothing is added. There is no branch inside: one makes the loop eight times as slow in V8.
   */
  private addPlain(
    reference: ArrayLike<number>,
    candidate: ArrayLike<number>,
    start: number,
    end: number,
  ): boolean {
    // |x|·2^-(bits + 1) is less than the unit in x's last place, so a gap below maxUlp of these is no new maximum.
    const unremarkable = this.maxUlp * 2 ** -(this.bits + 1);
    let [maxAbs, sumAbs, noise, power, candidatePower, product, excess] = [0, 0, 0, 0, 0, 0, 0];
    for (let idx = start; idx < end; idx++) {
      const expected = reference[idx]!;
      const found = candidate[idx]!;
      const gap = Math.abs(expected - found);
      power += expected * expected;
      candidatePower += found * found;
      product += expected * found;
      sumAbs += gap;
      noise += gap * gap;
      maxAbs = Math.max(maxAbs, gap);
      excess = Math.max(excess, gap - unremarkable * Math.abs(expected));
    }
    if (!(excess === 0 && noise < Infinity)) return false;
    this.maxAbs = Math.max(this.maxAbs, maxAbs);
    this.sumAbs += sumAbs;
    this.noise += noise;
    this.power += power;
    this.candidatePower += candidatePower;
    this.product += product;
    return true;
  }

  private addCarefully(
    reference: ArrayLike<number>,
    candidate: ArrayLike<number>,
    start: number,
    end: number,
  ): void {
    let { maxAbs, sumAbs, noise, power, candidatePower, product, maxUlp } = this;
    for (let idx = start; idx < end; idx++) {
      const expected = reference[idx]!;
      const found = candidate[idx]!;
      let gap = Math.abs(expected - found);
      if (!(gap < Infinity)) {
        if (Object.is(expected, found)) continue;
        gap = Infinity;
      }
      power += expected * expected;
      candidatePower += found * found;
      product += expected * found;
      sumAbs += gap;
      noise += gap * gap;
      maxAbs = Math.max(maxAbs, gap);
      if (gap > 0) maxUlp = Math.max(maxUlp, gap / this.unitInLastPlace(expected));
    }
    Object.assign(this, { maxAbs, sumAbs, noise, power, candidatePower, product, maxUlp });
  }

  /** The figures over everything added so far. */
  metrics(): DriftMetrics {
    const { maxAbs, sumAbs, noise, power, maxUlp } = this;
    const count = Math.max(this.count, 1);
    const isIdentical = noise === 0;
    const isBroken = noise === Infinity;
    return {
      maxAbs,
      meanAbs: sumAbs / count,
      rms: Math.sqrt(noise / count),
      relL2: isIdentical ? 0 : isBroken ? Infinity : Math.sqrt(noise / power),
      sqnrDb: isIdentical ? 'identical' : isBroken ? -Infinity : 10 * Math.log10(power / noise),
      cosine: this.cosine(isIdentical, isBroken),
      maxUlp,
    };
  }

  /** Distance of neighbouring values of the element type around `value`. */
  private unitInLastPlace(value: number): number {
    asFloat[0] = value;
    const exponent = ((asWords[1]! >>> 20) & 0x7ff) - EXPONENT_BIAS;
    const step = Math.max(exponent, this.minExponent) - this.bits;
    // Writing the exponent of a float64 is a tenth of the price of a power; subnormal results need the power.
    if (step <= -EXPONENT_BIAS) return 2 ** step;
    asWords[0] = 0;
    asWords[1] = (step + EXPONENT_BIAS) << 20;
    return asFloat[0];
  }

  private cosine(isIdentical: boolean, isBroken: boolean): number {
    if (isIdentical) return 1;
    if (isBroken || this.power === 0 || this.candidatePower === 0) return 0;
    return this.product / Math.sqrt(this.power * this.candidatePower);
  }
}

/** Elements between two looks at what a block without branches has met. */
const BLOCK = 2048;

/** A float64 keeps its exponent plus this. */
const EXPONENT_BIAS = 1023;

/** One float64 and its two words, low first: every platform Node runs on is little-endian. */
const asFloat = new Float64Array(1);
const asWords = new Uint32Array(asFloat.buffer);
