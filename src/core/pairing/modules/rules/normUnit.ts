import type { ModuleNode } from '../moduleNode';
import type { ModuleTree } from '../moduleTree';

/** A norm comes with an activation and a dropout; more is a list of norms. */
const MAX_BESIDE_NORM = 2;

/**
 * The block that stands for a norm among its siblings: the norm itself, or the blocks around it that are called a
 * norm and hold it and perhaps its activation (`norm_activ.bn`, `adn.N`). An activation with tensors may run in front of
 * the norm: the file's order tells, or the block's name.
 */
export function normUnit(norm: ModuleNode, { isOrdered }: ModuleTree): ModuleNode {
  let unit = norm;
  for (let block = norm.parent; block?.words.saysNorm === true; block = block.parent) {
    const { convs, linears, norms, others, activations, operators, first } = block.content;
    const isFirst = isOrdered
      ? first === norm
      : others === 0 || /norm.*act|bn.*act/i.test(block.name);
    const isItsOwn = isFirst && convs + linears + operators === 0 && norms === 1;
    if (!isItsOwn || others + activations > MAX_BESIDE_NORM) break;
    unit = block;
  }
  return unit;
}
