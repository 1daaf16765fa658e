import { convWeight, readingsOf } from './convReading';
import type { Partner } from './findPartners';
import { groupBy } from './groupBy';
import type { ModuleNode } from './moduleNode';
import { channelsOf } from './weightFamilies';

/**
 * Leaves open how a weight is read that fits both ways, where siblings in lists, of its name and kernel, are
 * transposed by their shapes and none is ordinary: `de_convs.4.conv` [16, 2, 1, 5] speaks for `de_convs.3.conv`
 * [16, 8, 1, 5] with two groups. One piece of code made them, but often with a flag, so that they prove nothing and
 * only warn.
 */
export function doubtBySiblings(
  partners: ReadonlyMap<ModuleNode, Partner>,
): Map<ModuleNode, Partner> {
  const entries = [...partners].flatMap(([norm, partner]) => {
    const sibling = siblingOf(norm, partner);
    return sibling === null ? [] : [sibling];
  });
  const doubted = new Map(partners);
  for (const siblings of groupBy(entries, ({ key }) => key).values()) {
    const kinds = new Set(siblings.map(({ kind }) => kind));
    if (!kinds.has('transposed') || kinds.has('plain')) continue;
    for (const { kind, norm, partner } of siblings) {
      if (kind === 'either') doubted.set(norm, withDoubt(partner));
    }
  }
  return doubted;
}

type Proved = Extract<Partner, { readonly kind: 'proved' }>;

interface Sibling {
  readonly norm: ModuleNode;
  readonly partner: Proved;
  /** Name and kernel. */
  readonly key: string;
  /** What the shape alone says: `either` fits both ways and is taken for an ordinary one. */
  readonly kind: 'plain' | 'transposed' | 'either';
}

function siblingOf(norm: ModuleNode, partner: Partner): Sibling | null {
  if (partner.kind !== 'proved' || partner.chosen.kind !== 'one') return null;
  const { conv } = partner.link;
  const { layout, kernel } = partner.chosen.reading;
  if (conv.className !== null || (layout !== 'OI*' && layout !== 'IO*')) return null;
  const shape = convWeight(conv)?.shape ?? [];
  const layouts = readingsOf(shape, channelsOf(norm), 'dense').map((each) => each.layout);
  const fitsBoth = layouts.length > 1;
  // With one channel a group both ways are the same, and what a name says is settled.
  if (fitsBoth && (shape[1] === 1 || layout === 'IO*')) return null;
  const kind = fitsBoth ? 'either' : layout === 'IO*' ? 'transposed' : 'plain';
  return { norm, partner, key: `${withoutPlaces(conv.path)}|${kernel.join()}`, kind };
}

/** A path without its places in lists. What is numbered by its name (`conv1`, `conv2`) was written one by one. */
function withoutPlaces(path: string): string {
  return path.replace(/(^|\.)\d+(?=\.|$)/g, '$1#');
}

function withDoubt(partner: Proved): Partner {
  if (partner.chosen.kind !== 'one') return partner;
  return { ...partner, chosen: { kind: 'transposed-or-not', reading: partner.chosen.reading } };
}
