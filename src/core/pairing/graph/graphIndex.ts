import type { Graph, GraphNetwork, GraphNode, GraphValue } from '../../model/network';
import type { Tensor } from '../../model/tensor';

/** A named value of one graph, with everything that defines and reads it, readers in subgraphs included. */
export interface Value {
  readonly name: string;
  readonly scope: Scope;
  /** The node that computes it, or null for graph inputs and initializers. */
  readonly producer: GraphNode | null;
  readonly initializer: Tensor | null;
  readonly isGraphInput: boolean;
  /** Whether a node gives a value of a name that was defined before, which no sound file has. */
  readonly isDefinedTwice: boolean;
  readonly declared: GraphValue | null;
  readonly uses: readonly Use[];
}

/** One reader of a value: an input of a node, or the outputs of a graph. */
export type Use =
  | {
      readonly kind: 'node';
      readonly node: GraphNode;
      readonly input: number;
      readonly scope: Scope;
    }
  | { readonly kind: 'output'; readonly scope: Scope };

/** One graph with the values it defines. A subgraph also sees the values of the graphs around it. */
export class Scope {
  private readonly values: ReadonlyMap<string, CountedValue>;
  readonly children: readonly Scope[];
  /** Opset version of the default domain. */
  readonly opset: number;
  private bodyNames: ReadonlySet<string> | null = null;
  /** Whether every initializer is a graph input too: a habit of exporters, not a wish to override each. */
  readonly keepsInitializersAsInputs: boolean;

  constructor(
    readonly graph: Graph,
    readonly network: GraphNetwork,
    readonly parent: Scope | null,
    /** The node whose body this is, null for main graph and functions. */
    readonly owner: GraphNode | null,
  ) {
    this.opset = parent?.opset ?? defaultOpset(graph.opsets ?? network.opsets);
    this.keepsInitializersAsInputs = everyInitializerIsInput(graph);
    this.values = defineValues(this);
    this.children = graph.nodes.flatMap((node) =>
      node.subgraphs.map((body) => new Scope(body, network, this, node)),
    );
  }

  /** The value a name means here; null for the empty name and for names nothing defines. */
  resolve(name: string): Value | null {
    return this.find(name);
  }

  /** Whether a body inside this graph, however deep, defines a value of its own under a name. */
  isDefinedInBody(name: string): boolean {
    return this.namesInBodies().has(name);
  }

  private namesInBodies(): ReadonlySet<string> {
    this.bodyNames ??= new Set(
      this.children.flatMap((body) => [...body.values.keys(), ...body.namesInBodies()]),
    );
    return this.bodyNames;
  }

  /** Notes the readers of every value this graph reads, its own and those of the graphs around it. */
  countUses(): void {
    for (const node of this.graph.nodes) {
      node.inputs.forEach((name, input) => {
        this.find(name)?.uses.push({ kind: 'node', node, input, scope: this });
      });
    }
    const { outputs, readElsewhere = [] } = this.graph;
    for (const name of [...outputs.map((output) => output.name), ...readElsewhere]) {
      this.find(name)?.uses.push({ kind: 'output', scope: this });
    }
  }

  private find(name: string): CountedValue | null {
    if (name === '') return null;
    return this.values.get(name) ?? this.parent?.find(name) ?? null;
  }
}

interface CountedValue extends Value {
  isDefinedTwice: boolean;
  readonly uses: Use[];
}

/** Readers of one value that rules look at: more than a layer has inputs, so others are among them if there are any. */
export const MAX_USES_SEEN = 8;

/** The first readers of a value. Every BatchNorm of a hostile file may ask for those of one and the same value. */
export function someUses(value: Value): readonly Use[] {
  return value.uses.slice(0, MAX_USES_SEEN);
}

/** All graphs of a network, main graph first, each followed by the subgraphs of its nodes. Uses are counted. */
export function indexGraphs(network: GraphNetwork): readonly Scope[] {
  const roots = network.graphs.map((graph) => new Scope(graph, network, null, null));
  const scopes = roots.flatMap(withChildren);
  for (const scope of scopes) scope.countUses();
  return scopes;
}

/** The version before opsets were declared. */
const FIRST_OPSET = 1;

/** NVIDIA's exporter writes the default domain by its long name. */
function defaultOpset(opsets: ReadonlyMap<string, number>): number {
  return opsets.get('') ?? opsets.get('ai.onnx') ?? FIRST_OPSET;
}

function everyInitializerIsInput(graph: Graph): boolean {
  const inputs = new Set(graph.inputs.map((input) => input.name));
  return [...graph.initializers.keys()].every((name) => inputs.has(name));
}

function withChildren(scope: Scope): Scope[] {
  return [scope, ...scope.children.flatMap(withChildren)];
}

function defineValues(scope: Scope): Map<string, CountedValue> {
  const { graph } = scope;
  const values = new Map<string, CountedValue>();
  const define = (name: string, producer: GraphNode | null): void => {
    if (name === '') return;
    const known = values.get(name);
    if (known !== undefined) {
      // An initializer may be a graph input too.
      known.isDefinedTwice ||= producer !== null;
      return;
    }
    const input = inputs.get(name);
    values.set(name, {
      name,
      scope,
      producer,
      initializer: graph.initializers.get(name) ?? null,
      isGraphInput: input !== undefined,
      isDefinedTwice: false,
      declared: input ?? outputs.get(name) ?? graph.values.get(name) ?? null,
      uses: [],
    });
  };
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  const outputs = new Map(graph.outputs.map((output) => [output.name, output]));
  for (const name of inputs.keys()) define(name, null);
  for (const name of graph.initializers.keys()) define(name, null);
  for (const name of graph.sparseInitializers ?? []) define(name, null);
  for (const node of graph.nodes) for (const name of node.outputs) define(name, node);
  return values;
}
