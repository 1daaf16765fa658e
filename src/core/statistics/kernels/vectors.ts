/** A new vector: vector[row] · gain · scale[row]. */
export function scaled(vector: Float64Array, gain: number, scale: Float64Array): Float64Array {
  const out = new Float64Array(vector.length);
  for (let row = 0; row < out.length; row++) out[row] = vector[row]! * gain * scale[row]!;
  return out;
}

/** target += factor · vector. */
export function addScaled(target: Float64Array, vector: Float64Array, factor: number): void {
  if (factor === 0) return;
  for (let row = 0; row < target.length; row++) target[row]! += factor * vector[row]!;
}

/** target −= vector; returns whether the target was all zeros before. */
export function subtract(target: Float64Array, vector: Float64Array): boolean {
  let isEmpty = true;
  for (let row = 0; row < target.length; row++) {
    if (target[row] !== 0) isEmpty = false;
    target[row]! -= vector[row]!;
  }
  return isEmpty;
}
