import { convWeight } from './convReading';
import type { ModuleNode } from './moduleNode';

/** Words for layers that enlarge: a transposed convolution is expected there. */
const explicitWords =
  /deconv|(^|[._])de_conv|deblock|transp|conv_?t\d*$|convt|up_?conv|conv_?up|upsamp|unpool/i;
/** Words for the kind of convolution itself. */
const transposedWords = /deconv|(^|[._])de_conv|transp/i;
const enlargingWords = /(^|[._])(up|dec)([._\d]|$)|up_|decoder/i;
const shrinkingWords = /down|stem|patch|embed|encoder|backbone|merg|reduc/i;
/** Blocks of which each enlarges once. */
const enlargingBlock = /^up(_?\d+)?$/i;

/**
 * What names say of a convolution whose weight has the shape of both kinds: `yes` it is transposed, `no` it is not,
 * null when they do not say. Kernels with an even extent are the usual ones of transposed convolutions, odd ones are
 * ordinary unless the name itself says otherwise.
 */
export function isTransposedByName(
  conv: ModuleNode,
  kernel: readonly number[],
): 'yes' | 'no' | null {
  const { path } = conv;
  if (enlarges(kernel)) {
    if (explicitWords.test(path)) return 'yes';
    if (shrinkingWords.test(path)) return 'no';
    return enlargingWords.test(path) ? 'yes' : null;
  }
  if (isPoint(kernel)) return 'no';
  if (isCalledTransposed(path)) return 'yes';
  return isAloneInEnlargingBlock(conv) ? null : 'no';
}

/** Whether names say more than that the layer enlarges: that it does so with a transposed convolution. */
export function saysTransposed({ path }: ModuleNode): boolean {
  return explicitWords.test(path);
}

function isCalledTransposed(path: string): boolean {
  return transposedWords.test(path.split('.').slice(-3).join('.'));
}

/** Whether a weight of a transposed convolution's shape may be one: its kernel is one of theirs, or a name says so. */
export function mayBeTransposed(conv: ModuleNode, kernel: readonly number[]): boolean {
  return isTransposedByName(conv, kernel) !== 'no' || enlargingWords.test(conv.path);
}

/**
 * A block that enlarges without a layer of another name for it does so with its one spatial convolution (LinkNet).
 * U-Nets enlarge elsewhere, and show it by further spatial convolutions that take another number of channels.
 */
function isAloneInEnlargingBlock(conv: ModuleNode): boolean {
  const block = conv.parent?.parent ?? null;
  if (block === null || !enlargingBlock.test(block.name)) return false;
  return convsUnder(block).every(
    (other) => other === conv || isPoint(convWeight(other)?.shape.slice(2) ?? []),
  );
}

function convsUnder(block: ModuleNode): ModuleNode[] {
  return block.kind === 'conv' ? [block] : block.children.flatMap(convsUnder);
}

/** Transposed kernels are as even as the factor they enlarge by; a long one (64×1) is another thing. */
function enlarges(kernel: readonly number[]): boolean {
  return (
    !isPoint(kernel) &&
    kernel.every((extent) => extent === 1 || (extent % 2 === 0 && extent <= MAX_ENLARGING))
  );
}

const MAX_ENLARGING = 16;

function isPoint(kernel: readonly number[]): boolean {
  return kernel.every((extent) => extent === 1);
}
