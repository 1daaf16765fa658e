import type { ModuleNode } from '../moduleNode';
import type { RuleFinding } from './link';

/** A norm that is a part of the convolution's own module runs right behind it (`conv1.norm` of detectron2). */
export function childRule(norm: ModuleNode): RuleFinding | null {
  const conv = norm.parent;
  if (conv?.kind !== 'conv') return null;
  return { kind: 'link', link: { norm, conv, rule: 'child', scope: conv } };
}
