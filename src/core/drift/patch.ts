/**
 * Seeded numbers from N(0, 1), the same on every machine and easy to repeat elsewhere: mulberry32 gives 32-bit
 * integers u, uniforms are (u + 0.5) / 2^32, and Box–Muller makes two normals of two uniforms.
 */
export function gaussianPatch(seed: number, length: number): Float64Array {
  const uniform = mulberry32(seed);
  const patch = new Float64Array(length);
  for (let idx = 0; idx < length; idx += 2) {
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    patch[idx] = radius * Math.cos(angle);
    if (idx + 1 < length) patch[idx + 1] = radius * Math.sin(angle);
  }
  return patch;
}

/** Uniform numbers in (0, 1). Algorithm: mulberry32 (T. Ettinger, public domain), a 32-bit counter and two mixes. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}
