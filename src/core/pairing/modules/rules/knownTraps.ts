import type { ModuleNode } from '../moduleTree';

/** Blocks whose code is known to do something between a convolution and the norm that is named after it. */
const traps: readonly { readonly norm: RegExp; readonly why: string }[] = [
  {
    norm: /(^|\.)comb\d+_(left|right)\.conv1\.bn$/,
    why: 'reduction cells of NASNet crop the convolution’s output before it',
  },
];

/** Siblings that are known to run between a convolution and its norm, where no order shows it. */
const intruders = /^se_early$/;

/** The sibling that is known to run in front of the norms of a block; null when there is none. */
export function knownIntruder(scope: ModuleNode): ModuleNode | null {
  return scope.children.find(({ name }) => intruders.test(name)) ?? null;
}

/** What is known to stand between a norm of this path and its convolution; null when nothing is. */
export function knownTrap(normPath: string): string | null {
  return traps.find(({ norm }) => norm.test(normPath))?.why ?? null;
}
