import type { Pair } from '../../model/pair';
import { isPlainBatchNormClass, isSparseConvolutionClass, printsBiasAlways } from './layerClasses';
import type { PrintedModule } from './printout';
import { parseArguments } from './printedArguments';
import type { ModuleEdit, PrintoutEditor, Replacement } from './renderPrintout';

/**
 * What becomes of a BatchNorm in the sparse part. `recipe`: its line goes, as NVIDIA's recipe removes the attribute.
 * `file`: outside of a SparseSequential an Identity stays under its name, as in a fused file, whose class looks for it.
 */
export type SparseStyle = 'recipe' | 'file';

/**
 * The fused listing, by the recipe of DESIGN.md section 1. Dense part (R6): a folded BatchNorm becomes `Identity()`,
 * and its convolution has a bias now. Sparse part (R1, R4, R5): the BatchNorm's line goes, a SparseSequential is
 * numbered anew, and a ReLU beside a sparse convolution is no longer in place.
 */
export class FoldedPrintout implements PrintoutEditor {
  private readonly convs: ReadonlySet<string>;
  private readonly pairs: ReadonlyMap<string, Pair>;
  private readonly isSparseFolded: boolean;

  constructor(
    private readonly text: string,
    folded: readonly Pair[],
    private readonly sparseStyle: SparseStyle = 'recipe',
  ) {
    this.convs = new Set(folded.map(({ conv }) => conv.name));
    this.pairs = new Map(folded.map((pair) => [pair.bn.name, pair]));
    this.isSparseFolded = folded.some(isSparse);
  }

  edit(module: PrintedModule, path: string, parent: PrintedModule | null): ModuleEdit {
    const pair = this.pairs.get(path);
    if (pair !== undefined) return this.editBatchNorm(module, pair, parent);
    if (this.convs.has(path)) return { kind: 'keep', arguments: this.withBias(module) };
    if (
      this.isSparseFolded &&
      module.className === 'ReLU' &&
      parent !== null &&
      holdsSparseConvolution(parent)
    ) {
      return { kind: 'replace', className: 'ReLU', call: 'ReLU()' };
    }
    return { kind: 'keep', arguments: [] };
  }

  /** A SparseSequential is rebuilt from its remaining children; one with names keeps them. */
  renumbers(parent: PrintedModule): boolean {
    return (
      isSparseSequential(parent) &&
      parent.children.every(({ key, repeat }) => repeat === null && /^\d+$/.test(key ?? ''))
    );
  }

  private editBatchNorm(
    module: PrintedModule,
    pair: Pair,
    parent: PrintedModule | null,
  ): ModuleEdit {
    const isLeft = this.sparseStyle === 'file' && (parent === null || !isSparseSequential(parent));
    if (isSparse(pair) && !isLeft) return { kind: 'drop' };
    const isPlain = isPlainBatchNormClass(module.className) && module.children.length === 0;
    // A subclass that does more is made neutral and stays.
    if (!isPlain) return { kind: 'keep', arguments: [] };
    return { kind: 'replace', className: 'Identity', call: 'Identity()' };
  }

  private withBias(module: PrintedModule): Replacement[] {
    const printed = parseArguments(this.text, module.extras);
    const idx = printed.findIndex(({ name, value }) => name === 'bias' && value === false);
    const bias = printed[idx];
    if (bias === undefined) return [];
    if (printsBiasAlways(module.className)) return [{ ...bias.valueRange, text: 'True' }];
    const before = printed[idx - 1];
    const after = printed[idx + 1];
    if (before !== undefined) return [{ from: before.range.to, to: bias.range.to, text: '' }];
    return [{ from: bias.range.from, to: after?.range.from ?? bias.range.to, text: '' }];
  }
}

function holdsSparseConvolution(parent: PrintedModule): boolean {
  return parent.children.some(({ className }) => isSparseConvolutionClass(className));
}

function isSparseSequential({ className }: PrintedModule): boolean {
  return className === 'SparseSequential';
}

function isSparse({ conv }: Pair): boolean {
  return (conv.layout !== 'OI*' && conv.layout !== 'IO*') || isSparseConvolutionClass(conv.type);
}
