import { numberText } from '../numberText';

/** Maps values to pixels along one axis. */
export interface Scale {
  /** Pixel of a value; values outside the domain land outside the range. */
  (value: number): number;
}

/** `from` and `to` are the pixels of the two ends of the domain. */
export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): Scale {
  const span = high - low || 1;
  return (value) => from + ((value - low) / span) * (to - from);
}

/** Both ends of the domain must be positive. */
export function logScale(
  [low, high]: readonly [number, number],
  range: readonly [number, number],
): Scale {
  const scale = linearScale([Math.log10(low), Math.log10(high)], range);
  return (value) => scale(Math.log10(value));
}

/** Round values that cover `low` to `high` in about `count` steps, both ends inside. */
export function linearTicks(low: number, high: number, count: number): readonly number[] {
  const step = roundStep((high - low) / Math.max(count, 1));
  if (step === 0) return [low];
  const first = Math.ceil(low / step - EDGE);
  const last = Math.floor(high / step + EDGE);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, idx) => (first + idx) * step);
}

/** Evenly spaced ticks as text, each with as many digits as tell it from its neighbours. */
export function tickTexts(ticks: readonly number[]): readonly string[] {
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0));
  const largest = ticks.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0);
  if (step === 0 || largest === 0) return ticks.map(numberText);
  const stepPower = Math.floor(Math.log10(step) + EDGE);
  if (largest < MOST_PLAIN && stepPower >= -PLAIN_DIGITS) {
    return ticks.map((tick) => minusSign(tick.toFixed(Math.max(-stepPower, 0))));
  }
  const digits = Math.max(Math.floor(Math.log10(largest) + EDGE) - stepPower, 0);
  return ticks.map((tick) =>
    tick === 0 ? '0' : minusSign(tick.toExponential(Math.min(digits, 15)).replace('e+', 'e')),
  );
}

/** Larger numbers, and steps with more digits behind the point, are written with an exponent. */
const MOST_PLAIN = 1e5;
const PLAIN_DIGITS = 4;

/** `-0` is 0, and a minus is no hyphen. */
function minusSign(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replaceAll('-', '−');
}

/** Powers of ten from `low` to `high`, at most `count` of them, evenly spaced. */
export function decadeTicks(low: number, high: number, count: number): readonly number[] {
  const [first, last] = [Math.ceil(Math.log10(low) - EDGE), Math.floor(Math.log10(high) + EDGE)];
  const stride = Math.max(Math.ceil((last - first + 1) / Math.max(count, 1)), 1);
  const start = Math.ceil(first / stride) * stride;
  const length = Math.max(Math.floor((last - start) / stride) + 1, 0);
  return Array.from({ length }, (_, idx) => 10 ** (start + idx * stride));
}

/** Rounding must not drop a tick at the very end of the axis. */
const EDGE = 1e-9;

/** 1, 2 or 5 times a power of ten, not below `least`. */
function roundStep(least: number): number {
  if (!(least > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => each * power >= least * (1 - EDGE)) ?? 10;
  return factor * power;
}
