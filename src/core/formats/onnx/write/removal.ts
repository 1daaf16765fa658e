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
  /** Values that have lost their last reader; a list, as a chain of them may be long. */
  private readonly unread: Definition[] = [];

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
    this.takeOut(node, heir);
    this.removeUnread();
  }

  /** One reader of a value less. A constant that nobody reads any more goes with its last reader. */
  release(graph: GraphRecord, name: string): void {
    this.drop(graph, name);
    this.removeUnread();
  }

  /** Removes value_info and quantization_annotation entries of a name that is no more. */
  forgetDeclarations(graph: GraphRecord, name: string): void {
    this.forget(graph, name);
    this.removeUnread();
  }

  /** Removes a constant that nobody reads, with all that is declared of it. */
  removeConstant(definition: Definition): void {
    this.unread.push(definition);
    this.removeUnread();
  }

  private removeUnread(): void {
    for (let next = this.unread.pop(); next !== undefined; next = this.unread.pop()) {
      if (next.node === null) this.takeOutInitializer(next);
      else if (isConstant(next.node) && !this.hasReaders(next.node)) this.takeOut(next.node, '');
    }
  }

  private takeOut(node: NodeRecord, heir: string): void {
    if (this.nodes.has(node)) return;
    this.nodes.add(node);
    if (node.constant !== null) this.tensors.add(node.constant);
    const { start, end } = node.span;
    this.edits.push({ within: node.graph.span, start, end, pieces: [] });
    for (const name of node.node.outputs) {
      if (name !== heir) this.forget(node.graph, name);
    }
    for (const name of node.node.inputs) this.drop(node.graph, name);
  }

  private drop(graph: GraphRecord, name: string): void {
    const definition = this.definitions.resolve(graph, name);
    if (definition === null) return;
    definition.uses--;
    if (definition.uses === 0) this.unread.push(definition);
  }

  private forget(graph: GraphRecord, name: string): void {
    if (name === '') return;
    for (const { field, parameters } of this.definitions.declarationsOf(graph, name)) {
      this.edits.push({ within: graph.span, start: field.start, end: field.end, pieces: [] });
      for (const parameter of parameters) this.drop(graph, parameter);
    }
  }

  private takeOutInitializer({ tensor, graph, name }: Definition): void {
    if (tensor === null || this.tensors.has(tensor)) return;
    this.tensors.add(tensor);
    const { start, end } = tensor.span;
    this.edits.push({ within: graph.span, start, end, pieces: [] });
    // Up to IR version 3 every initializer is an input as well; later ones may be, as defaults.
    for (const { field } of this.definitions.inputsOf(graph, name)) {
      this.edits.push({ within: graph.span, start: field.start, end: field.end, pieces: [] });
    }
    this.forget(graph, name);
  }

  private hasReaders(node: NodeRecord): boolean {
    return node.node.outputs.some(
      (name) => (this.definitions.resolve(node.graph, name)?.uses ?? 0) > 0,
    );
  }
}

function isConstant(node: NodeRecord): boolean {
  return node.constant !== null || isIdentity(node);
}

export function isIdentity({ node }: NodeRecord): boolean {
  return node.opType === 'Identity' && node.domain === '';
}
