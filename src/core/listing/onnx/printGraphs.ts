import type { Graph, GraphNetwork, GraphNode, GraphValue } from '../../model/network';
import { escapeControls } from '../escapeControls';
import type { Listing } from '../listing';
import { printAttributes, subgraphAttribute } from './onnxAttributes';
import { identifier, quoted, tensorType, valueType } from './onnxLiterals';
import { ownName } from './ownName';
import { OnnxTextWriter } from './onnxTextWriter';

const INDENT = '   ';

/**
 * The graphs of a model in ONNX's textual syntax, written as the ONNX project's own printer does, with these
 * differences: graphs go by `graph`, or by the attribute that holds them, as their names are not kept; values of
 * tensors are left out (`{…}`); every initializer has a line of its own; the declared type of a node's first output
 * stands behind it as a comment. One node a line, so that two listings can be compared.
 * Places are named as in `originalNames` where that has the node.
 */
export function printGraphs(
  producer: string | null,
  network: GraphNetwork,
  originalNames: ReadonlyMap<GraphNode, string> = new Map(),
): Listing {
  const writer = new OnnxTextWriter(originalNames);
  writer.write('<');
  writer.write(`${INDENT}ir_version: ${network.irVersion},`);
  const opsets = `${INDENT}opset_import: ${printOpsets(network.opsets)}`;
  writer.write(producer === null ? opsets : `${opsets},`);
  if (producer !== null) writer.write(`${INDENT}producer_name: ${quoted(producer)}`);
  writer.write('>');
  for (const graph of network.graphs) {
    if (graph.kind === 'function') writeFunctionHead(writer, graph, network.opsets);
    const name = identifier(graph.kind === 'function' ? functionName(graph.scope).name : 'graph');
    // Up to IR version 3 every initializer had to be an input as well; nobody feeds those.
    const shown = network.irVersion < 4 ? withoutInitializers(graph) : graph;
    const close = writer.open({
      name: graph.scope,
      type: graph.kind === 'function' ? 'function' : 'graph',
      column: 0,
      length: name.length,
      parent: null,
    });
    writeBody(writer, graph, `${name} ${signature(shown)}`, '');
    writer.write('}');
    close();
  }
  return { language: 'onnx-text', text: writer.text, places: writer.places };
}

/** Writes `head`, initializers and nodes between brackets; the closing bracket is the caller's. */
function writeBody(writer: OnnxTextWriter, graph: Graph, head: string, indent: string): void {
  if (graph.initializers.size === 0) {
    writer.write(`${head} {`);
  } else {
    writer.write(head);
    writer.write(`${indent}${INDENT}<`);
    for (const [name, tensor] of graph.initializers) {
      if (writer.isFull) break;
      writer.write(`${indent}${INDENT}${INDENT}${tensorType(tensor)} ${identifier(name)} = {…},`);
    }
    writer.write(`${indent}${INDENT}>`);
    writer.write(`${indent}{`);
  }
  for (const [idx, node] of graph.nodes.entries()) {
    if (writer.isFull) {
      writer.write(`${indent}${INDENT}# … and ${graph.nodes.length - idx} more nodes`);
      return;
    }
    writeNode(writer, graph, node, indent + INDENT);
  }
}

function writeNode(writer: OnnxTextWriter, graph: Graph, node: GraphNode, indent: string): void {
  const outputs = node.outputs.map(identifier);
  const name = ownName(node);
  const shown = name === null ? (outputs[0] ?? '') : identifier(name);
  const quotes = shown.startsWith('"') ? 1 : 0;
  const close = writer.open({
    name: writer.originalNames.get(node) ?? node.name,
    type: node.opType,
    column: indent.length + (name === null ? 0 : 1) + quotes,
    length: shown.length - 2 * quotes,
    parent: graph.scope,
  });
  const results = (name === null ? '' : `[${shown}] `) + outputs.join(', ');
  const operator = escapeControls(
    node.domain === '' ? node.opType : `${node.domain}.${node.opType}`,
  );
  const inputs = `(${node.inputs.map(identifier).join(', ')})`;
  const attributes = printAttributes(node);
  if (node.subgraphs.length > 0) {
    const before = attributes.map((attribute) => `${attribute}, `).join('');
    writeSubgraphs(writer, node, `${indent}${results} = ${operator} ${inputs} <${before}`, indent);
  } else {
    const options = attributes.length === 0 ? '' : ` <${attributes.join(', ')}>`;
    writer.write(
      `${indent}${results} = ${operator}${options} ${inputs}${typeComment(graph, node)}`,
    );
  }
  close();
}

/** Bodies stand behind the inputs, the first on the node's own line. */
function writeSubgraphs(
  writer: OnnxTextWriter,
  node: GraphNode,
  head: string,
  indent: string,
): void {
  let line = head;
  for (const body of node.subgraphs) {
    const { label, name } = subgraphAttribute(body.scope);
    const close = writer.open({
      name: body.scope,
      type: 'graph',
      column: line.length,
      length: identifier(label).length,
      parent: node.name,
    });
    writeBody(
      writer,
      body,
      `${line}${identifier(label)}: graph = ${identifier(name)} ${signature(body)}`,
      indent,
    );
    close();
    line = `${indent}}, `;
  }
  writer.write(`${indent}}>`);
}

function signature({ inputs, outputs }: Graph): string {
  return `(${inputs.map(value).join(', ')}) => (${outputs.map(value).join(', ')})`;
}

function withoutInitializers(graph: Graph): Graph {
  return { ...graph, inputs: graph.inputs.filter(({ name }) => !graph.initializers.has(name)) };
}

function value(declared: GraphValue): string {
  const type = valueType(declared);
  return type === '' ? identifier(declared.name) : `${type} ${identifier(declared.name)}`;
}

function typeComment(graph: Graph, node: GraphNode): string {
  const declared = graph.values.get(node.outputs[0] ?? '');
  return declared === undefined || declared.shape === null ? '' : `  # ${valueType(declared)}`;
}

function printOpsets(opsets: ReadonlyMap<string, number>): string {
  return `[${[...opsets].map(([domain, version]) => `${quoted(domain)} : ${version}`).join(', ')}]`;
}

function writeFunctionHead(
  writer: OnnxTextWriter,
  graph: Graph,
  opsets: ReadonlyMap<string, number>,
): void {
  const { domain, overload } = functionName(graph.scope);
  writer.write('<');
  writer.write(`  domain: ${quoted(domain)},`);
  if (overload !== '') writer.write(`  overload: ${quoted(overload)},`);
  writer.write(`  opset_import: ${printOpsets(graph.opsets ?? opsets)}`);
  writer.write('>');
}

/** Parts of a function's scope, `domain:name:overload` without the empty ones. */
function functionName(scope: string): { domain: string; name: string; overload: string } {
  const parts = scope.split(':');
  if (parts.length === 1) return { domain: '', name: scope, overload: '' };
  const [domain = '', name = '', ...overload] = parts;
  return { domain, name, overload: overload.join(':') };
}
