import type { GraphNetwork, GraphNode } from '../../model/network';
import type {
  SurroundingConnection,
  SurroundingRole,
  Surroundings,
} from '../../model/surroundings';
import { isBatchNorm } from '../graph/batchNormNode';
import { isConvolution } from '../graph/convolutions/readConvolution';
import { indexGraphs, type Scope, type Value } from '../graph/graphIndex';
import { withRows, type UnplacedLayer } from './drawing';
import type { SurroundedPair } from './surroundedPair';

/** Steps up from the convolution, and down from the BatchNorm, to the next layer with weights or the next branch. */
const MAX_HOPS = 3;
/** Branches of one layer that are shown; the others are counted. */
const MAX_BRANCHES = 3;
/** Nodes between convolution and BatchNorm, as where pairs are found. */
const MAX_BETWEEN = 64;
/** Inputs and readers that are looked at; a layer of a hostile file may have millions. */
const MAX_SEEN = 64;

/** The layers around a pair as data flow shows them. */
export function graphSurroundings(network: GraphNetwork, pair: SurroundedPair): Surroundings {
  const selection = new Selection();
  const places = placesOf(network, new Set([pair.conv.name, pair.bn.name]));
  const conv = places.get(pair.conv.name);
  const bn = places.get(pair.bn.name);
  if (conv === undefined || bn === undefined) return { layers: [], connections: [] };
  selection.add('conv', conv);
  addBetween(selection, conv, bn);
  selection.add('bn', bn);
  addBefore(selection, conv);
  addAfter(selection, bn);
  addBeside(selection);
  return selection.surroundings();
}

/** A node with the graph it stands in. */
interface Place {
  readonly kind: 'layer';
  readonly node: GraphNode;
  readonly scope: Scope;
}

/** A value that comes into the network from outside, or leaves it. */
interface Edge {
  readonly kind: 'input' | 'output';
  readonly value: Value;
}

type Item = Place | Edge;

interface Selected {
  readonly role: SurroundingRole;
  readonly item: Item;
  moreInputs: number;
  moreReaders: number;
}

/** What is drawn, each once, in the order in which it was found. */
class Selection {
  readonly entries: Selected[] = [];
  private readonly positions = new Map<unknown, number>();

  add(role: SurroundingRole, item: Item): Selected {
    const key = keyOf(item);
    const known = this.entries[this.positions.get(key) ?? -1];
    if (known !== undefined) return known;
    const entry = { role, item, moreInputs: 0, moreReaders: 0 };
    this.positions.set(key, this.entries.length);
    this.entries.push(entry);
    return entry;
  }

  has(item: Item): boolean {
    return this.positions.has(keyOf(item));
  }

  surroundings(): Surroundings {
    const layers = this.entries.map(layerOf);
    const connections = this.entries.flatMap(({ item }, to) =>
      feedersOf(item).flatMap((feeder): SurroundingConnection[] => {
        const from = this.positions.get(keyOf(feeder));
        return from === undefined || from === to ? [] : [{ from, to, basis: 'graph' }];
      }),
    );
    return withRows(layers, connections);
  }
}

/** An output is another thing than the value itself, which the same name may bring in. */
function keyOf(item: Item): unknown {
  switch (item.kind) {
    case 'layer':
      return item.node;
    case 'input':
      return item.value;
    case 'output':
      return `output ${item.value.name}`;
  }
}

function layerOf({ role, item, moreInputs, moreReaders }: Selected): UnplacedLayer {
  const isLayer = item.kind === 'layer';
  return {
    role,
    kind: item.kind,
    name: isLayer ? item.node.name : item.value.name,
    type: isLayer ? item.node.opType : '',
    moreInputs,
    moreReaders,
  };
}

/** What computes an item's inputs; constants are parameters and no layers. */
function feedersOf(item: Item): readonly Item[] {
  switch (item.kind) {
    case 'input':
      return [];
    case 'output': {
      const source = itemOf(item.value);
      return source === null ? [] : [source];
    }
    case 'layer': {
      const { node, scope } = item;
      // Of layers with weights the first input alone is data.
      const names = node.inputs.slice(0, isWeighted(item) ? 1 : MAX_SEEN);
      const values = new Set(names.map((name) => scope.resolve(name)));
      return [...values].flatMap((value) => (value === null ? [] : (itemOf(value) ?? [])));
    }
  }
}

function itemOf(value: Value): Item | null {
  const { producer, initializer, isGraphInput, scope } = value;
  if (producer !== null) {
    return producer.opType === 'Constant' ? null : { kind: 'layer', node: producer, scope };
  }
  return isGraphInput && initializer === null ? { kind: 'input', value } : null;
}

/** The layers that read a node's first output, and the outputs of the network that it is. */
function readersOf({ node, scope }: Place): readonly Item[] {
  const value = scope.resolve(node.outputs[0] ?? '');
  if (value === null) return [];
  const items = value.uses
    .slice(0, MAX_SEEN)
    .map((use): Item =>
      use.kind === 'node'
        ? { kind: 'layer', node: use.node, scope: use.scope }
        : { kind: 'output', value },
    );
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function isWeighted({ node }: Place): boolean {
  return isConvolution(node) || isBatchNorm(node);
}

function addBetween(selection: Selection, conv: Place, bn: Place): void {
  const steps: Place[] = [];
  let at: Place = bn;
  while (steps.length < MAX_BETWEEN) {
    const [feeder] = feedersOf(at);
    if (feeder?.kind !== 'layer' || feeder.node === conv.node) break;
    steps.push(feeder);
    at = feeder;
  }
  for (const step of steps.toReversed()) selection.add('between', step);
}

function addBefore(selection: Selection, conv: Place): void {
  let at: Place = conv;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const feeders = feedersOf(at);
    const entry = selection.add('before', at);
    entry.moreInputs = Math.max(feeders.length - MAX_BRANCHES, 0);
    for (const feeder of feeders.slice(0, MAX_BRANCHES)) selection.add('before', feeder);
    const [only] = feeders;
    if (feeders.length !== 1 || only?.kind !== 'layer' || isWeighted(only)) return;
    at = only;
  }
}

function addAfter(selection: Selection, bn: Place): void {
  let at: Place = bn;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const items = readersOf(at);
    const entry = selection.add('after', at);
    entry.moreReaders = Math.max(items.length - MAX_BRANCHES, 0);
    for (const reader of items.slice(0, MAX_BRANCHES)) selection.add('after', reader);
    const [only] = items;
    if (items.length !== 1 || only?.kind !== 'layer' || isWeighted(only)) return;
    if (feedersOf(only).length > 1) return;
    at = only;
  }
}

/** What else reads the convolution on its way to the BatchNorm, and what else a layer behind it takes in. */
function addBeside(selection: Selection): void {
  for (const entry of [...selection.entries]) {
    const { role, item } = entry;
    if (item.kind !== 'layer') continue;
    const isOnTheWay = role === 'conv' || role === 'between';
    const others = isOnTheWay ? readersOf(item) : role === 'after' ? feedersOf(item) : [];
    const hidden = others.filter((other) => !selection.has(other));
    for (const other of hidden.slice(0, MAX_BRANCHES - 1)) selection.add('beside', other);
    const more = Math.max(hidden.length - MAX_BRANCHES + 1, 0);
    if (isOnTheWay) entry.moreReaders += more;
    else entry.moreInputs += more;
  }
}

function placesOf(network: GraphNetwork, names: ReadonlySet<string>): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const scope of indexGraphs(network)) {
    for (const node of scope.graph.nodes) {
      if (names.has(node.name)) places.set(node.name, { kind: 'layer', node, scope });
    }
  }
  return places;
}
