import { tailConv, type ModuleNode } from '../moduleNode';
import { haveSameTag } from '../nameWords';
import type { RuleFinding } from './link';

/** Two lists side by side, one of convolutions and one of their norms: equal places belong together (`convs.1`, `bns.1`). */
export function listRule(norm: ModuleNode): RuleFinding | null {
  const list = norm.parent;
  const scope = list?.parent ?? null;
  if (list === null || scope === null || !isListOfNorms(list)) return null;
  const partners = scope
    .childrenNumbered(list.words.numbers)
    .filter((other) => other !== list && haveSameTag(other.words, list.words))
    .map((other) => other.childNamed(norm.name))
    .map((child) => (child === null ? null : tailConv(child)))
    .filter((conv) => conv !== null);
  const [conv] = partners;
  if (conv === undefined || partners.length > 1) return null;
  return { kind: 'link', link: { norm, conv, rule: 'list', scope } };
}

function isListOfNorms(list: ModuleNode): boolean {
  const { convs, linears, norms, others } = list.content;
  return list.words.saysNorm && norms === list.children.length && convs + linears + others === 0;
}
