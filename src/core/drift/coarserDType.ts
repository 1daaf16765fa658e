import type { FloatDType } from '../model/tensor';

/** From fine to coarse, by the bits of the significand. */
const byCoarseness: readonly FloatDType[] = ['f64', 'f32', 'f16', 'bf16'];

/** The type with fewer digits: no comparison of two files is finer than the coarser of them. */
export function coarserDType(one: FloatDType, other: FloatDType): FloatDType {
  return byCoarseness.indexOf(one) > byCoarseness.indexOf(other) ? one : other;
}
