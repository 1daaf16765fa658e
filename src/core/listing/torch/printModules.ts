import type { Module, ModuleNetwork } from '../../model/network';
import type { Pair } from '../../model/pair';
import { escapeControls } from '../escapeControls';
import type { PrintedModule, Printout, TextRange } from '../printout/printout';
import { extraRepr } from './extraRepr';
import {
  inferredModule,
  isConvolutionShaped,
  pairsByLayer,
  type PairsByLayer,
} from './inferredModule';
import { ModuleFacts } from './moduleFacts';
import { moduleTrees, type ModuleNode } from './moduleTree';

/** What an editor still opens at ease; the printouts of real networks need a tenth of it. */
const MAX_CHARACTERS = 16_000_000;

/**
 * What Python's `print(model)` would show. Where the file keeps objects, classes and arguments are theirs; where it
 * keeps tensors only, they are inferred from shapes and pairs, and the tree is that of the keys.
 */
export function printModules(network: ModuleNetwork, pairs: readonly Pair[]): Printout {
  const printer = new ModulePrinter(network, pairsByLayer(pairs));
  const trees = moduleTrees(network);
  const roots = trees.map((tree, idx) => printer.root(tree, idx));
  return { text: printer.text, roots, rootPaths: roots.map(() => '') };
}

/** Class and arguments of a node, as printed. */
interface NodeText {
  readonly className: string;
  readonly lines: readonly string[];
}

class ModulePrinter {
  private readonly parts: string[] = [];
  private length = 0;
  private readonly described = new Map<ModuleNode, NodeText>();
  private readonly signatures = new Map<ModuleNode, string>();

  /** The first convolution of each state_dict. */
  private readonly entrances: ReadonlySet<Module>;

  constructor(
    private readonly network: ModuleNetwork,
    private readonly pairs: PairsByLayer,
  ) {
    // Sorted keys do not tell which one comes first.
    const convolutions = network.isOrdered ? network.modules.filter(isConvolutionShaped) : [];
    const first = new Map(convolutions.toReversed().map((module) => [module.dict, module]));
    this.entrances = new Set(first.values());
  }

  get text(): string {
    return this.parts.join('');
  }

  root(tree: ModuleNode, idx: number): PrintedModule {
    if (idx > 0) this.write('\n');
    return this.module(tree, { key: tree.key === '' ? null : tree.key, repeat: null, indent: '' });
  }

  private module(node: ModuleNode, as: PrintedAs): PrintedModule {
    const { className, lines } = this.describe(node);
    const start = this.length;
    this.write(as.indent);
    const label = this.write(labelOf(as));
    const callFrom = this.write(`${className}(`).from;
    const extras: TextRange[] = [];
    let children: PrintedModule[] = [];
    // One line of arguments and no children stay on the line of the class.
    if (node.children.length === 0 && lines.length <= 1) {
      extras.push(...lines.map((line) => this.write(line)));
    } else {
      this.write('\n');
      const indent = `${as.indent}  `;
      for (const line of lines) {
        this.write(indent);
        extras.push(this.write(line));
        this.write('\n');
      }
      children = this.children(node, className, indent);
      this.write(as.indent);
    }
    const callTo = this.write(')').to;
    this.write('\n');
    return {
      key: as.key,
      repeat: as.repeat,
      className,
      extras,
      children,
      lines: { from: start, to: this.length },
      label,
      call: { from: callFrom, to: callTo },
    };
  }

  private children(node: ModuleNode, className: string, indent: string): PrintedModule[] {
    const isShort = className === 'ModuleList';
    const printed: PrintedModule[] = [];
    const all = node.children;
    for (let start = 0, end = 0; start < all.length; start = end) {
      const [first] = all.slice(start, start + 1);
      if (first === undefined) break;
      end = isShort ? this.endOfRun(all, start) : start + 1;
      if (this.length > MAX_CHARACTERS) {
        this.write(`${indent}# … and ${all.length - start} more\n`);
        break;
      }
      const count = end - start;
      const repeat = count === 1 ? null : { first: Number(first.key), count };
      const key = repeat === null ? first.key : `${repeat.first}-${repeat.first + count - 1}`;
      printed.push(this.module(first, { key, repeat, indent }));
    }
    return printed;
  }

  /** PyTorch prints neighbours of a ModuleList that look the same once. */
  private endOfRun(nodes: readonly ModuleNode[], start: number): number {
    const [head] = nodes.slice(start, start + 1);
    if (head === undefined || !/^\d+$/.test(head.key)) return start + 1;
    const first = Number(head.key);
    let end = start + 1;
    for (let next = nodes[end]; next !== undefined; next = nodes[++end]) {
      if (next.key !== String(first + end - start)) break;
      if (this.signature(next) !== this.signature(head)) break;
    }
    return end;
  }

  /** What a node prints, but for its own key and the indents. */
  private signature(node: ModuleNode): string {
    const known = this.signatures.get(node);
    if (known !== undefined) return known;
    const { className, lines } = this.describe(node);
    const inner = node.children.map((child) => `(${child.key}): ${this.signature(child)}`);
    const signature = `${className}(${[...lines, ...inner].join('\n')})`;
    this.signatures.set(node, signature);
    return signature;
  }

  private describe(node: ModuleNode): NodeText {
    let text = this.described.get(node);
    if (text === undefined) {
      const { className, lines } = this.describeAnew(node);
      text = { className: escapeControls(className), lines: lines.map(escapeControls) };
      this.described.set(node, text);
    }
    return text;
  }

  private describeAnew({ module, isRoot }: ModuleNode): NodeText {
    const className = module?.className ?? null;
    if (module !== null && className !== null && this.network.evidence === 'modules') {
      const lines = extraRepr(new ModuleFacts(module));
      if (lines !== null) return { className, lines };
    }
    if (module === null || module.tensors.size === 0) {
      return { className: className ?? (isRoot ? 'StateDict' : 'Module'), lines: [] };
    }
    return inferredModule(module, this.pairs, this.entrances.has(module));
  }

  private write(text: string): TextRange {
    const from = this.length;
    this.parts.push(text);
    this.length += text.length;
    return { from, to: this.length };
  }
}

interface PrintedAs {
  readonly key: string | null;
  readonly repeat: PrintedModule['repeat'];
  readonly indent: string;
}

function labelOf({ key, repeat }: PrintedAs): string {
  if (key === null) return '';
  const label = `(${escapeControls(key)}): `;
  return repeat === null ? label : `${label}${repeat.count} x `;
}
