import type { ModuleNode } from '../moduleNode';

/** Whether a norm that says `fc` or `conv` may mean this layer: `fc_bn1` is that of `fc1`, not of `conv1`. */
export function mayMean(unit: ModuleNode, { words, kind }: ModuleNode): boolean {
  if (!unit.words.saysConv) return true;
  const isLinear = words.saysConv ? words.saysLinear : kind === 'linear';
  return isLinear === unit.words.saysLinear;
}
