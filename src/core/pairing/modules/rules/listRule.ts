import { tailConv, type ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';
import { haveSameTag } from '../nameWords';
import type { RuleFinding } from './link';

/**
 * Two lists side by side, one of convolutions and one of their norms: equal places belong together (`convs.1`, `bns.1`),
 * also in lists of lists (`conv_blocks.0.1`, `bn_blocks.0.1`).
 */
export function listRule(norm: ModuleNode, tree: ModuleTree): RuleFinding | null {
  const places = [norm.name];
  let list = norm.parent;
  while (list?.number !== null && list !== null && places.length < MAX_NESTING) {
    places.unshift(list.name);
    list = list.parent;
  }
  const scope = list?.parent ?? null;
  if (list === null || scope === null || !isListOfNorms(list, norm.parent)) return null;
  const partners = scope
    .childrenNumbered(list.words.numbers)
    .filter((other) => other !== list && isCalledLike(other, list))
    .map((other) => nodeAt(other, places))
    .map((child) => (child === null ? null : tailConv(child)))
    .filter((conv) => conv !== null);
  const [conv] = partners;
  if (conv === undefined || partners.length > 1) return null;
  const stranger = tree.isOrdered ? listBetween(conv, norm, scope, places) : null;
  if (stranger !== null) {
    const why = `${stranger.path} is registered between ${conv.path} and it`;
    return { kind: 'obstacle', conv, obstacle: { kind: 'unproved', why } };
  }
  return { kind: 'link', link: { norm, conv, rule: 'list', scope } };
}

/** Whether two lists say the same of what they are for; a list of mere layers goes with one of mere norms. */
function isCalledLike(other: ModuleNode, norms: ModuleNode): boolean {
  if (haveSameTag(other.words, norms.words)) return true;
  const isMere = norms.words.words.length === 0 && /^layers$/.test(other.name);
  return isMere && other.children.length === norms.children.length;
}

/** What a third list holds at the same place, registered between the two: a PReLU, say. */
function listBetween(
  conv: ModuleNode,
  norm: ModuleNode,
  scope: ModuleNode,
  places: readonly string[],
): ModuleNode | null {
  return (
    scope.children
      .slice(0, MAX_LISTS)
      .map((list) => nodeAt(list, places))
      .find(
        (node) => node?.kind === 'parameters' && node.order > conv.order && node.order < norm.order,
      ) ?? null
  );
}

/** A block has a few lists; what has more children is not looked through for every norm in it. */
const MAX_LISTS = 32;

/** A list, or a list of lists. */
const MAX_NESTING = 2;

function nodeAt(list: ModuleNode, places: readonly string[]): ModuleNode | null {
  return places.reduce<ModuleNode | null>((node, name) => node?.childNamed(name) ?? null, list);
}

/** Whether the list holds norms only, and the innermost one nothing but them. */
function isListOfNorms(list: ModuleNode, inner: ModuleNode | null): boolean {
  const { convs, linears, others } = list.content;
  const isPure = list.words.saysNorm && convs + linears + others === 0;
  return isPure && inner?.content.norms === inner?.children.length;
}
