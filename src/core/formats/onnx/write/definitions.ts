import type { Declaration, GraphRecord, NodeRecord, OnnxRecord, TensorRecord } from '../records';
import { graphsBelow } from '../read/giveNames';

/** A value of one graph, with the number of its readers; the writer counts them down as it removes what reads. */
export interface Definition {
  readonly name: string;
  readonly graph: GraphRecord;
  /** The node that gives the value; null for graph inputs and initializers. */
  readonly node: NodeRecord | null;
  /** The values, when they are an initializer or a Constant. */
  readonly tensor: TensorRecord | null;
  /** Readers in this graph and in the bodies inside it; being an output of a graph counts as one. */
  uses: number;
}

/** Who defines, reads and declares which value, over all graphs of a model. */
export class Definitions {
  private readonly byGraph = new Map<GraphRecord, Map<string, Definition>>();
  /** value_info and quantization_annotation entries. */
  private readonly declarations = new NameIndex(({ values, annotations }) => [
    ...values,
    ...annotations,
  ]);
  private readonly inputs = new NameIndex(({ inputs }) => inputs);
  private readonly names = new Set<string>();
  private readonly freshCounts = new Map<string, number>();

  constructor(record: OnnxRecord) {
    const graphs = [...graphsBelow([...record.graphs, ...record.hiddenGraphs])];
    for (const graph of graphs) this.byGraph.set(graph, this.define(graph));
    for (const graph of graphs) this.countUses(graph);
    const [main] = record.graphs;
    if (main !== undefined) for (const name of record.boundNames) this.use(main, name);
  }

  /** What a name means in a graph; null for the empty name and for names nothing defines. */
  resolve(graph: GraphRecord, name: string): Definition | null {
    for (let scope: GraphRecord | null = graph; scope !== null && name !== '';) {
      const found = this.byGraph.get(scope)?.get(name);
      if (found !== undefined) return found;
      scope = scope.parent;
    }
    return null;
  }

  /** One reader of a value more. */
  use(graph: GraphRecord, name: string): void {
    const definition = this.resolve(graph, name);
    if (definition !== null) definition.uses++;
  }

  /** Entries of value_info and quantization_annotation that carry this name. */
  declarationsOf(graph: GraphRecord, name: string): readonly Declaration[] {
    return this.declarations.get(graph, name);
  }

  /** Graph inputs of this name. */
  inputsOf(graph: GraphRecord, name: string): readonly Declaration[] {
    return this.inputs.get(graph, name);
  }

  /** A name no value and no node of the model has, in any of its graphs; it is taken from now on. */
  freshName(wanted: string): string {
    let name = wanted;
    let count = this.freshCounts.get(wanted) ?? 0;
    while (this.names.has(name)) name = `${wanted}_${++count}`;
    this.freshCounts.set(wanted, count);
    this.names.add(name);
    return name;
  }

  private define(graph: GraphRecord): Map<string, Definition> {
    const definitions = new Map<string, Definition>();
    const define = (name: string, node: NodeRecord | null, tensor: TensorRecord | null): void => {
      this.names.add(name);
      if (name !== '') definitions.set(name, { name, graph, node, tensor, uses: 0 });
    };
    for (const { name } of graph.graph.inputs) define(name, null, null);
    for (const name of graph.sparseNames) define(name, null, null);
    for (const [name, tensor] of graph.initializers) define(name, null, tensor);
    for (const node of graph.nodes) {
      this.names.add(node.ownName);
      for (const name of node.node.inputs) this.names.add(name);
      node.node.outputs.forEach((name, idx) => {
        define(name, node, idx === 0 ? node.constant : null);
      });
    }
    for (const { name } of [...graph.graph.outputs, ...graph.values]) this.names.add(name);
    return definitions;
  }

  private countUses(graph: GraphRecord): void {
    for (const { node } of graph.nodes) for (const name of node.inputs) this.use(graph, name);
    for (const { name } of graph.graph.outputs) this.use(graph, name);
    for (const { parameters } of graph.annotations) {
      for (const name of parameters) this.use(graph, name);
    }
  }
}

/** Declarations of each graph by name, indexed when a graph is first asked for. */
class NameIndex {
  private readonly byGraph = new Map<GraphRecord, ReadonlyMap<string, readonly Declaration[]>>();

  constructor(private readonly declarationsOf: (graph: GraphRecord) => readonly Declaration[]) {}

  get(graph: GraphRecord, name: string): readonly Declaration[] {
    const byName = this.byGraph.get(graph) ?? groupByName(this.declarationsOf(graph));
    this.byGraph.set(graph, byName);
    return byName.get(name) ?? [];
  }
}

function groupByName(
  declarations: readonly Declaration[],
): ReadonlyMap<string, readonly Declaration[]> {
  const byName = new Map<string, Declaration[]>();
  for (const declaration of declarations) {
    const group = byName.get(declaration.name);
    if (group === undefined) byName.set(declaration.name, [declaration]);
    else group.push(declaration);
  }
  return byName;
}
