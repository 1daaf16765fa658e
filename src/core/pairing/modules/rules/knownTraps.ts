import type { ModuleNode } from '../moduleNode';

/** Blocks whose code is known to do something between a convolution and the norm that is named after it. */
const traps: readonly { readonly norm: RegExp; readonly why: string }[] = [
  {
    norm: /(^|\.)comb\d+_(left|right)\.conv1\.bn$/,
    why: 'reduction cells of NASNet crop the convolution’s output before it',
  },
];

/** What is known to stand between a norm of this path and its convolution; null when nothing is. */
export function knownTrap(normPath: string): string | null {
  return traps.find(({ norm }) => norm.test(normPath))?.why ?? null;
}

/** Names of modules that run between a convolution and its norm; without an order their place does not show. */
const intruders = ['se_early'];

/** What a block is known to run in front of one of its norms; null when it is nothing. */
export function knownIntruder(scope: ModuleNode): string | null {
  const intruder = intruders.find((name) => scope.childNamed(name) !== null);
  if (intruder === undefined) return null;
  return `${intruder} runs in front of one of this block’s BatchNorms, and no order tells of which`;
}
