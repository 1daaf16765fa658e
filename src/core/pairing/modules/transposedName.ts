/** Words for layers that enlarge: a transposed convolution is expected there. */
const explicitWords = /deconv|deblock|transp|conv_?t\d*$|convt|up_?conv|conv_?up|upsamp|unpool/i;
const enlargingWords = /(^|[._])up([._\d]|$)|up_|decoder|hg\.up/i;
const shrinkingWords = /down|stem|patch|embed|encoder|backbone|merg|reduc/i;

/**
 * What the path says of a convolution whose weight has the shape of both kinds: `yes` it is transposed, `no` it is
 * not, null when the path does not say. Kernels with an even extent are the usual ones of transposed convolutions,
 * odd ones are ordinary unless the name itself says otherwise.
 */
export function isTransposedByName(path: string, kernel: readonly number[]): 'yes' | 'no' | null {
  const isEven = kernel.some((extent) => extent % 2 === 0);
  const near = path.split('.').slice(-3).join('.');
  if (!isEven) return isPoint(kernel) || !/deconv|transp/i.test(near) ? 'no' : 'yes';
  if (explicitWords.test(path)) return 'yes';
  if (shrinkingWords.test(path)) return 'no';
  return enlargingWords.test(path) ? 'yes' : null;
}

function isPoint(kernel: readonly number[]): boolean {
  return kernel.every((extent) => extent === 1);
}
