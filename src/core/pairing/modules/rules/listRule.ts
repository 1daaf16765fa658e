import { childNamed, layersUnder, tailConv, type ModuleNode } from '../moduleTree';
import { haveSameTag } from '../nameWords';
import type { RuleFinding } from './link';

/** Two lists side by side, one of convolutions and one of their norms: equal places belong together (`convs.1`, `bns.1`). */
export function listRule(norm: ModuleNode): RuleFinding | null {
  const list = norm.parent;
  const scope = list?.parent ?? null;
  if (list === null || scope === null || !isListOfNorms(list)) return null;
  const partners = scope.children
    .filter((other) => other !== list && haveSameTag(other.words, list.words))
    .map((other) => childNamed(other, norm.name))
    .map((child) => (child === null ? null : tailConv(child)))
    .filter((conv) => conv !== null);
  const [conv] = partners;
  if (conv === undefined || partners.length > 1) return null;
  return { kind: 'link', link: { norm, conv, rule: 'list', scope } };
}

function isListOfNorms(list: ModuleNode): boolean {
  return (
    list.words.saysNorm &&
    list.children.every((child) => layersUnder(child).every(({ kind }) => kind === 'norm'))
  );
}
