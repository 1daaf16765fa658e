import type { GraphNetwork } from '../../../model/network';
import type { Tensor } from '../../../model/tensor';
import type { AbsentVectors } from '../graph/absentVectors';
import { OperatorArguments } from '../graph/operatorArguments';
import { ProgramGraph } from '../graph/programGraph';
import { none, type ProgramValue, type TensorValue } from '../graph/programValue';
import { translateOperator } from '../graph/translateOperator';
import { entriesOf, fieldOf, listOf, textOf } from './json';

/** Follows the nodes of an exported program; they are in order of execution and know no control flow. */
export function exportGraph(
  program: unknown,
  tensors: ReadonlyMap<string, Tensor>,
  absent: AbsentVectors,
): GraphNetwork {
  return new GraphReader(program, tensors, absent).read();
}

class GraphReader {
  private readonly graph = new ProgramGraph();
  private readonly values = new Map<string, ProgramValue>();
  private readonly source: unknown;

  constructor(
    private readonly program: unknown,
    private readonly tensors: ReadonlyMap<string, Tensor>,
    private readonly absent: AbsentVectors,
  ) {
    this.source = fieldOf(fieldOf(program, 'graph_module'), 'graph');
  }

  read(): GraphNetwork {
    this.bindInputs();
    for (const node of listOf(fieldOf(this.source, 'nodes'))) this.readNode(node);
    const outputs = listOf(fieldOf(this.source, 'outputs')).flatMap((output): TensorValue[] => {
      const value = this.argument(output);
      return value.kind === 'tensor' ? [value] : [];
    });
    return this.graph.finish(outputs);
  }

  /** Parameters, buffers and constants are inputs of the graph under names of their own. */
  private bindInputs(): void {
    const signature = fieldOf(fieldOf(this.program, 'graph_module'), 'signature');
    for (const spec of listOf(fieldOf(signature, 'input_specs'))) {
      for (const [kind, value] of entriesOf(spec)) {
        const name = textOf(fieldOf(fieldOf(value, 'arg'), 'name'));
        const stored = textOf(fieldOf(value, `${kind}_name`));
        const tensor = stored === undefined ? undefined : this.tensors.get(stored);
        if (name !== undefined && tensor) this.values.set(name, this.graph.parameter(tensor));
      }
    }
    for (const input of listOf(fieldOf(this.source, 'inputs'))) {
      const name = nameOf(input);
      if (name === undefined || this.values.has(name)) continue;
      this.values.set(name, this.graph.input(name, this.rankOf(name)));
    }
  }

  private readNode(node: unknown): void {
    const target = textOf(fieldOf(node, 'target')) ?? '';
    const [, namespace = 'aten', name = target] = /^torch\.ops\.(\w+)\.(\w+)/.exec(target) ?? [];
    const positional: ProgramValue[] = [];
    const named = new Map<string, ProgramValue>();
    for (const input of listOf(fieldOf(node, 'inputs'))) {
      const argumentName = textOf(fieldOf(input, 'name'));
      const value = this.argument(fieldOf(input, 'arg'));
      if (named.size === 0 && positional.length === 0) positional.push(value);
      else named.set(argumentName ?? `argument ${named.size}`, value);
    }
    const args = new OperatorArguments(positional, named);
    const path = modulePath(node);
    const result = translateOperator(
      { name, namespace, args, path },
      {
        graph: this.graph,
        absentVector: (bnName, leaf, { edge }) => {
          const mean = this.tensors.get(edge);
          return mean ? this.absent.edge(this.graph, bnName, leaf, mean) : null;
        },
      },
    );
    this.bindOutputs(node, result, path || name);
  }

  private bindOutputs(node: unknown, result: ProgramValue, path: string): void {
    const names = listOf(fieldOf(node, 'outputs')).flatMap((output) => {
      const several = listOf(fieldOf(output, 'as_tensors'));
      return several.length > 0
        ? several.map((one) => textOf(fieldOf(one, 'name')))
        : nameOf(output);
    });
    names.forEach((name, idx) => {
      if (name === undefined) return;
      const item = result.kind === 'list' ? (result.items[idx] ?? none) : result;
      const isOne = names.length === 1 || result.kind === 'list';
      this.values.set(name, isOne ? this.withRank(item, name) : this.output(item, path, name));
    });
  }

  /** One of several outputs of an operator that is not looked into. */
  private output(value: ProgramValue, path: string, name: string): ProgramValue {
    if (value.kind !== 'tensor') return value;
    const rank = this.rankOf(name);
    return this.graph.node({
      name: path,
      opType: 'getitem',
      domain: 'prim',
      inputs: [value],
      rank,
    });
  }

  /** The program knows the rank of every tensor. */
  private withRank(value: ProgramValue, name: string): ProgramValue {
    if (value.kind === 'tensor') value.rank ??= this.rankOf(name);
    return value;
  }

  private argument(value: unknown): ProgramValue {
    const [[kind, content] = ['', undefined]] = entriesOf(value);
    switch (kind) {
      case 'as_tensor':
        return this.valueOf(content);
      case 'as_none':
        return none;
      case 'as_int':
      case 'as_float':
      case 'as_bool':
      case 'as_string':
        return constant(content);
      case 'as_ints':
      case 'as_floats':
      case 'as_bools':
      case 'as_strings':
        return { kind: 'list', items: listOf(content).map(constant) };
      case 'as_tensors':
        return { kind: 'list', items: listOf(content).map((item) => this.valueOf(item)) };
      case 'as_optional_tensors':
        return { kind: 'list', items: listOf(content).map((item) => this.argument(item)) };
      default:
        return { kind: 'unknown', from: [] };
    }
  }

  private valueOf(value: unknown): ProgramValue {
    const name = textOf(fieldOf(value, 'name'));
    return this.values.get(name ?? '') ?? { kind: 'unknown', from: [] };
  }

  private rankOf(name: string): number | null {
    const sizes = fieldOf(fieldOf(fieldOf(this.source, 'tensor_values'), name), 'sizes');
    return Array.isArray(sizes) ? sizes.length : null;
  }
}

function constant(value: unknown): ProgramValue {
  const isPlain =
    typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
  // Infinite floats are written as texts.
  if (value === 'Infinity') return { kind: 'constant', value: Infinity };
  if (value === '-Infinity') return { kind: 'constant', value: -Infinity };
  return isPlain ? { kind: 'constant', value } : { kind: 'unknown', from: [] };
}

function nameOf(value: unknown): string | undefined {
  return textOf(fieldOf(fieldOf(value, 'as_tensor'), 'name'));
}

/** Path of the module a node comes from: the last of `nn_module_stack`, whose items are `key,path,class`. */
function modulePath(node: unknown): string {
  const stack = textOf(fieldOf(fieldOf(node, 'metadata'), 'nn_module_stack')) ?? '';
  const innermost = stack.slice(stack.lastIndexOf(';') + 1).split(',')[1] ?? '';
  // A module that is called again has the number of the call behind its path.
  return innermost.replace(/@\d+$/, '');
}
