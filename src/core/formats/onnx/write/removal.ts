import type { GraphRecord, NodeRecord, TensorRecord } from '../records';
import type { Definition, Definitions } from './definitions';
import type { Edit } from './splice';

/**
 * Takes nodes out of the model, and with each what only it used: constants, Identity nodes in front of them, and
 * whatever the graph declares of names that are gone. What nobody used before stays, as it is none of a fold's business.
 */
export class Removal {
  private readonly nodes = new Set<NodeRecord>();
  private readonly tensors = new Set<TensorRecord>();

  constructor(
    private readonly definitions: Definitions,
    private readonly edits: Edit[],
  ) {}

  /** Whether a tensor has gone, so that nothing more needs to be done about it. */
  isRemoved(tensor: TensorRecord): boolean {
    return this.tensors.has(tensor);
  }

  /**
   * Removes a node; its outputs must have no reader that stays, but for `heir`, which another node gives from now on.
   */
  removeNode(node: NodeRecord, heir = ''): void {
    if (this.nodes.has(node)) return;
    this.nodes.add(node);
    if (node.constant !== null) this.tensors.add(node.constant);
    const { start, end } = node.span;
    this.edits.push({ within: node.graph.span, start, end, pieces: [] });
    for (const name of node.node.outputs) {
      if (name !== heir) this.forgetDeclarations(node.graph, name);
    }
    for (const name of node.node.inputs) this.release(node.graph, name);
  }

  /** One reader of a value less. A constant that nobody reads any more goes with its last reader. */
  release(graph: GraphRecord, name: string): void {
    const definition = this.definitions.resolve(graph, name);
    if (definition === null) return;
    definition.uses--;
    if (definition.uses === 0) this.removeConstant(definition);
  }

  /** Removes value_info and quantization_annotation entries of a name that is no more. */
  forgetDeclarations(graph: GraphRecord, name: string): void {
    if (name === '') return;
    for (const { field, parameters } of this.definitions.declarationsOf(graph, name)) {
      this.edits.push({ within: graph.span, start: field.start, end: field.end, pieces: [] });
      for (const parameter of parameters) this.release(graph, parameter);
    }
  }

  /** Removes a constant that nobody reads, with all that is declared of it. */
  removeConstant({ node, tensor, graph, name }: Definition): void {
    if (node !== null) {
      const isConstant = node.constant !== null || isIdentity(node);
      if (isConstant && !this.hasReaders(node)) this.removeNode(node);
      return;
    }
    if (tensor === null || this.tensors.has(tensor)) return;
    this.tensors.add(tensor);
    this.edits.push({
      within: graph.span,
      start: tensor.span.start,
      end: tensor.span.end,
      pieces: [],
    });
    // Up to IR version 3 every initializer is an input as well; later ones may be, as defaults.
    for (const input of graph.inputs) {
      if (input.name !== name) continue;
      const { start, end } = input.field;
      this.edits.push({ within: graph.span, start, end, pieces: [] });
    }
    this.forgetDeclarations(graph, name);
  }

  private hasReaders(node: NodeRecord): boolean {
    return node.node.outputs.some(
      (name) => (this.definitions.resolve(node.graph, name)?.uses ?? 0) > 0,
    );
  }
}

export function isIdentity({ node }: NodeRecord): boolean {
  return node.opType === 'Identity' && node.domain === '';
}
