import { layersUnder, type ModuleNode } from '../moduleTree';

/**
 * The block that stands for a norm among its siblings: the norm itself, or the blocks around it that are called a
 * norm and hold it and perhaps its activation (`norm_activ.bn`, `adn.N`).
 */
export function normUnit(norm: ModuleNode): ModuleNode {
  let unit = norm;
  for (let block = norm.parent; block?.words.saysNorm === true; block = block.parent) {
    const layers = layersUnder(block);
    const others = layers.filter((layer) => layer !== norm);
    if (layers[0] !== norm || others.some(({ kind }) => !besideNorm.has(kind))) break;
    if (others.length > MAX_BESIDE_NORM) break;
    unit = block;
  }
  return unit;
}

const besideNorm: ReadonlySet<string> = new Set(['activation', 'parameters', 'passive']);

/** A norm comes with an activation and a dropout; more is a list of norms. */
const MAX_BESIDE_NORM = 2;
