/** A small deterministic generator (mulberry32): the same seed gives the same numbers everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that break readers: ends of ranges, and lengths that no file has. */
const extremes = [0, 1, 0x7f, 0x80, 0xff];

/** Damages a file in one to four places: bytes changed, cut out, doubled, moved, or the end cut off. */
export function mutate(original: Uint8Array, random: () => number): Uint8Array {
  const pick = (count: number): number => Math.floor(random() * count);
  let bytes: Uint8Array = original.slice();
  for (let count = 1 + pick(4); count > 0; count--) {
    const at = pick(bytes.length);
    const length = Math.min(1 + pick(16), bytes.length - at);
    switch (pick(7)) {
      case 0:
        bytes[at] = pick(256);
        break;
      case 1:
        bytes[at] = bytes[at]! ^ (1 << pick(8));
        break;
      case 2:
        bytes.fill(extremes[pick(extremes.length)]!, at, at + length);
        break;
      case 3:
        bytes = concat(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 4:
        bytes = concat(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      case 5:
        bytes.copyWithin(at, pick(bytes.length), bytes.length - length);
        break;
      default:
        if (pick(4) === 0) bytes = bytes.slice(0, at);
        else bytes.set(bytes.slice(at, at + length).reverse(), at);
    }
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
