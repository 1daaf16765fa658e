import type { GraphRecord, NodeRecord, TensorRecord } from '../records';

/**
 * Gives nodes, scopes and tensors names that are unique over the whole model.
 * A node is called by its own name where that is unique, else by its first output, else by its scope and first output.
 * A tensor keeps its name in the main graph, or where no other graph has it; else its scope stands in front.
 */
export function giveNames(graphs: readonly GraphRecord[]): void {
  const nodes = [...nodesBelow(graphs)];
  const ownNames = countBy(nodes.map(({ ownName }) => ownName));
  const isNamed = ({ ownName }: NodeRecord): boolean =>
    ownName !== '' && ownNames.get(ownName) === 1;
  const names = new Names(nodes.filter(isNamed).map(({ ownName }) => ownName));
  const outputs = countBy(nodes.filter((node) => !isNamed(node)).map(firstOutput));
  const nameGraph = (record: GraphRecord): void => {
    for (const node of record.nodes) {
      node.node.name = isNamed(node)
        ? node.ownName
        : names.claim(firstOutput(node), record.graph.scope, outputs.get(firstOutput(node)) === 1);
      for (const subgraph of node.subgraphs) {
        // The reader left the attribute's name here.
        subgraph.graph.scope = `${node.node.name}/${subgraph.graph.scope}`;
        nameGraph(subgraph);
      }
    }
  };
  graphs.forEach(nameGraph);
  giveTensorNames(graphs);
}

function giveTensorNames(graphs: readonly GraphRecord[]): void {
  const all = [...tensorsBelow(graphs)];
  const counts = countBy(all.map(({ tensor }) => tensor.valueName));
  const names = new Names([]);
  for (const { tensor, scope } of all) {
    const isUnique = scope === '' || counts.get(tensor.valueName) === 1;
    tensor.tensor.name = names.claim(tensor.valueName, scope, isUnique);
  }
}

/** Names given so far. */
class Names {
  private readonly taken: Set<string>;
  /** The last number given to each name that is wanted often, so that many of one name cost no search. */
  private readonly counts = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.taken = new Set(taken);
  }

  /** The plain name where it is free and unique, else the scoped one, else a numbered one. */
  claim(plain: string, scope: string, isUnique: boolean): string {
    const scoped = scope === '' ? plain : `${scope}/${plain}`;
    const base = isUnique && !this.taken.has(plain) ? plain : scoped;
    let name = base;
    let count = this.counts.get(base) ?? 1;
    while (this.taken.has(name)) name = `${base}#${++count}`;
    this.counts.set(base, count);
    this.taken.add(name);
    return name;
  }
}

function firstOutput({ node }: NodeRecord): string {
  return node.outputs.find((output) => output !== '') ?? node.opType;
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Every node of the graphs and of the bodies inside them, outer before inner, in file order. */
export function* nodesBelow(graphs: readonly GraphRecord[]): Generator<NodeRecord, void> {
  for (const graph of graphs) {
    for (const node of graph.nodes) {
      yield node;
      yield* nodesBelow(node.subgraphs);
    }
  }
}

/** Every graph and the bodies inside them, outer before inner. */
export function* graphsBelow(graphs: readonly GraphRecord[]): Generator<GraphRecord, void> {
  for (const graph of graphs) {
    yield graph;
    for (const node of graph.nodes) yield* graphsBelow(node.subgraphs);
  }
}

interface ScopedTensor {
  readonly tensor: TensorRecord;
  readonly scope: string;
}

/** Initializers and constants of all graphs; the main graph's first, so that it keeps its plain names. */
function* tensorsBelow(graphs: readonly GraphRecord[]): Generator<ScopedTensor, void> {
  for (const { graph, initializers, nodes } of graphsBelow(graphs)) {
    for (const tensor of initializers.values()) yield { tensor, scope: graph.scope };
    for (const { constant } of nodes) {
      if (constant !== null) yield { tensor: constant, scope: graph.scope };
    }
  }
}
