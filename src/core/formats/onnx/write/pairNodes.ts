import { RequestError } from '../../../errors';
import type { Pair } from '../../../model/pair';
import type { NodeRecord } from '../records';
import type { Definitions } from './definitions';

/** The nodes of a pair in the file. */
export interface PairNodes {
  readonly conv: NodeRecord;
  readonly bn: NodeRecord;
  /** Nodes looked through between the two, in order of execution. */
  readonly between: readonly NodeRecord[];
}

/**
 * Finds the nodes a pair is about: walks back from the BatchNorm's input to the convolution.
 * @throws RequestError when the file holds no such chain, or something else reads what would vanish with it.
 */
export function findPairNodes(
  nodesByName: ReadonlyMap<string, NodeRecord>,
  definitions: Definitions,
  pair: Pair,
): PairNodes {
  const conv = nodesByName.get(pair.conv.name);
  const bn = nodesByName.get(pair.bn.name);
  const isApart = conv?.graph !== bn?.graph || !bn?.node.outputs[0];
  const path = conv && bn && !isApart ? pathBack(definitions, bn, conv) : null;
  if (conv === undefined || bn === undefined || path === null) {
    throw new RequestError(
      'PAIR_UNKNOWN',
      `The file has no path from ${pair.conv.name} to ${pair.bn.name}.`,
    );
  }
  const between = path.toReversed();
  for (const node of [conv, ...between]) assertOneReader(definitions, node);
  return { conv, bn, between };
}

/** Pairing gives up sooner; a chain of constants beside the path may be as long as a hostile file makes it. */
const MAX_HOPS = 128;

/** Nodes from `from` back to `to`, both left out, nearest first; null when no path leads there. */
function pathBack(
  definitions: Definitions,
  from: NodeRecord,
  to: NodeRecord,
  seen = new Set<NodeRecord>(),
  hops = 0,
): NodeRecord[] | null {
  if (hops > MAX_HOPS) return null;
  for (const name of from.node.inputs) {
    const before = definitions.resolve(from.graph, name)?.node;
    if (before === to) return [];
    if (!before || before.graph !== from.graph || seen.has(before)) continue;
    seen.add(before);
    if (!isLookedThrough(before)) continue;
    const rest = pathBack(definitions, before, to, seen, hops + 1);
    if (rest !== null) return [before, ...rest];
  }
  return null;
}

/** Operators pairing looks through; nothing else can stand between the two. */
const lookedThrough: ReadonlySet<string> = new Set([
  'Identity',
  'Dropout',
  'Mul',
  'Add',
  'Sub',
  'Div',
  'BatchNormalization',
]);

function isLookedThrough({ node }: NodeRecord): boolean {
  return node.domain === '' && lookedThrough.has(node.opType);
}

/** The first output feeds the next node of the chain alone; further ones, such as a Dropout's mask, nobody. */
function assertOneReader(definitions: Definitions, { node, graph }: NodeRecord): void {
  node.outputs.forEach((name, idx) => {
    const uses = definitions.resolve(graph, name)?.uses ?? 0;
    if (uses > (idx === 0 ? 1 : 0)) {
      throw new RequestError(
        'PAIR_NOT_ALONE',
        `The output ${name} of ${node.name} has other readers, which would see folded values.`,
      );
    }
  });
}
