import type { Graph, GraphNetwork, GraphNode, GraphValue } from '../../model/network';
import type { Tensor } from '../../model/tensor';

/** A graph that is being changed. */
export interface GraphDraft {
  readonly original: Graph;
  /** The graph around this one, whose values it sees. */
  readonly parent: GraphDraft | null;
  readonly nodes: NodeDraft[];
  readonly initializers: Map<string, Tensor>;
  inputs: GraphValue[];
  readonly values: Map<string, DefinedValue>;
}

export interface NodeDraft {
  node: GraphNode;
  readonly graph: GraphDraft;
  readonly bodies: readonly GraphDraft[];
}

/** A value of one graph: what gives it, and how many read it there and in the bodies inside. */
export interface DefinedValue {
  readonly name: string;
  readonly graph: GraphDraft;
  readonly node: NodeDraft | null;
  readonly tensor: Tensor | null;
  uses: number;
}

/** A network taken apart, so that nodes can go together with the constants that only they use. */
export class NetworkDraft {
  readonly graphs: readonly GraphDraft[];
  readonly nodeByName = new Map<string, NodeDraft>();
  private readonly names = new Set<string>();
  private readonly removed = new Set<NodeDraft>();

  constructor(readonly original: GraphNetwork) {
    this.graphs = original.graphs.map((graph) => this.take(graph, null));
    for (const graph of this.graphs) this.countUses(graph);
  }

  /** What a name means in a graph; null for the empty name and for names nothing defines. */
  resolve(graph: GraphDraft, name: string): DefinedValue | null {
    for (let scope: GraphDraft | null = graph; scope !== null; scope = scope.parent) {
      const found = scope.values.get(name);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** A name nothing has yet; it is taken from now on. */
  freshName(wanted: string): string {
    let name = wanted;
    for (let count = 1; this.names.has(name); count++) name = `${wanted}_${count}`;
    this.names.add(name);
    return name;
  }

  /** Removes a node, and what nobody reads any more without it. */
  remove(draft: NodeDraft): void {
    const { graph, node } = draft;
    if (this.removed.has(draft)) return;
    this.removed.add(draft);
    for (const name of node.inputs) this.release(graph, name);
  }

  /** One reader of a value less; a constant goes with its last one. */
  release(graph: GraphDraft, name: string): void {
    const value = this.resolve(graph, name);
    if (value === null) return;
    value.uses--;
    if (value.uses === 0) this.removeConstant(value);
  }

  /** Removes a constant that nobody reads. */
  removeConstant(value: DefinedValue): void {
    const { name } = value;
    if (value.node !== null) {
      if (value.tensor !== null || isIdentity(value.node.node)) this.remove(value.node);
    } else if (value.tensor !== null) {
      value.graph.initializers.delete(name);
      value.graph.inputs = value.graph.inputs.filter((input) => input.name !== name);
    }
  }

  /** The network as it is now. */
  finish(): GraphNetwork {
    return { ...this.original, graphs: this.graphs.map((graph) => this.finished(graph)) };
  }

  private finished({ original, nodes, initializers, inputs }: GraphDraft): Graph {
    const kept = nodes.filter((draft) => !this.removed.has(draft));
    return {
      ...original,
      inputs,
      initializers,
      nodes: kept.map(({ node, bodies }) =>
        bodies.length === 0
          ? node
          : { ...node, subgraphs: bodies.map((body) => this.finished(body)) },
      ),
    };
  }

  private take(graph: Graph, parent: GraphDraft | null): GraphDraft {
    const draft: GraphDraft = {
      original: graph,
      parent,
      nodes: [],
      initializers: new Map(graph.initializers),
      inputs: [...graph.inputs],
      values: new Map(),
    };
    const define = (name: string, node: NodeDraft | null, tensor: Tensor | null): void => {
      this.names.add(name);
      if (name !== '') draft.values.set(name, { name, graph: draft, node, tensor, uses: 0 });
    };
    for (const { name } of graph.inputs) define(name, null, null);
    for (const [name, tensor] of graph.initializers) define(name, null, tensor);
    for (const node of graph.nodes) {
      const bodies = node.subgraphs.map((body) => this.take(body, draft));
      const nodeDraft = { node, graph: draft, bodies };
      draft.nodes.push(nodeDraft);
      this.nodeByName.set(node.name, nodeDraft);
      this.names.add(node.name);
      node.outputs.forEach((name, idx) => {
        define(name, nodeDraft, idx === 0 ? (node.constant ?? null) : null);
      });
    }
    return draft;
  }

  private countUses(graph: GraphDraft): void {
    const use = (name: string): void => {
      this.names.add(name);
      const value = this.resolve(graph, name);
      if (value !== null) value.uses++;
    };
    for (const { node, bodies } of graph.nodes) {
      node.inputs.forEach(use);
      for (const body of bodies) this.countUses(body);
    }
    for (const { name } of graph.original.outputs) use(name);
  }
}

export function isIdentity({ opType, domain }: GraphNode): boolean {
  return opType === 'Identity' && domain === '';
}
