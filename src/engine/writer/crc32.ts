/** The generator polynomial of CRC-32 (IEEE 802.3), bits reversed. */
const POLYNOMIAL = 0xedb88320;

/**
 * CRC-32 of two byte strings joined, from the CRC-32 of each and the length of the second. CRCs are remainders of
 * polynomials over GF(2), so the first one only has to be carried over `secondLength` zero bytes: multiplied by x^(8n).
 */
export function joinCrc32(first: number, second: number, secondLength: number): number {
  let carried = first >>> 0;
  // x^8, x^16, x^32, …: the power for each bit of the length.
  let power = 0x00800000;
  for (let rest = secondLength; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) carried = multiply(carried, power);
    power = multiply(power, power);
  }
  return (carried ^ second) >>> 0;
}

/** Product of two polynomials modulo the generator; the highest bit is x^0. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
