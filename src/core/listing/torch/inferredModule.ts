import type { Module } from '../../model/network';
import type { Pair } from '../../model/pair';
import type { Tensor } from '../../model/tensor';
import { pythonFloat, pythonLiteral } from './pythonLiterals';

/** What a module is printed as where the file keeps tensors only. */
export interface InferredModule {
  readonly className: string;
  readonly lines: readonly string[];
}

/**
 * Class and arguments of a module, from its pair if it has one, else from the shapes of its tensors. `isEntrance`: it is
 * the first convolution of its network, which may take an image of one channel.
 */
export function inferredModule(
  module: Module,
  pairs: PairsByLayer,
  isEntrance: boolean,
): InferredModule {
  const asConv = pairs.byConv.get(module.path);
  if (asConv !== undefined) return convolution(asConv, module.className);
  const asBatchNorm = pairs.byBatchNorm.get(module.path);
  if (asBatchNorm !== undefined) {
    const { type, channels, eps } = asBatchNorm.bn;
    return {
      className: module.className ?? type,
      lines: [`${channels}, eps=${pythonFloat(eps)}`],
    };
  }
  return fromTensors(module, isEntrance);
}

/** Whether a module's weight is shaped like that of a convolution. */
export function isConvolutionShaped({ tensors }: Module): boolean {
  const rank = tensors.get('weight')?.shape.length ?? 0;
  return rank > 2 && rank <= 5 && isLayer(tensors);
}

/** Pairs by the names of their layers. */
export interface PairsByLayer {
  readonly byConv: ReadonlyMap<string, Pair>;
  readonly byBatchNorm: ReadonlyMap<string, Pair>;
}

export function pairsByLayer(pairs: readonly Pair[]): PairsByLayer {
  return {
    byConv: new Map(pairs.map((pair) => [pair.conv.name, pair])),
    byBatchNorm: new Map(pairs.map((pair) => [pair.bn.name, pair])),
  };
}

function convolution({ conv }: Pair, className: string | null): InferredModule {
  const { inChannels, outChannels, kernel, groups, layout, bias } = conv;
  if (kernel.length === 0 && layout === 'OI*') {
    return {
      className: className ?? conv.type,
      lines: [linear(inChannels, outChannels, bias !== null)],
    };
  }
  const isSparse = layout !== 'OI*' && layout !== 'IO*';
  const size = pythonLiteral(kernel, isSparse ? 'list' : 'plain');
  return {
    className: className ?? conv.type,
    lines: [
      [
        `${inChannels}, ${outChannels}, kernel_size=${size}`,
        ...(groups === 1 ? [] : [`groups=${groups}`]),
        ...(bias === null ? ['bias=False'] : []),
      ].join(', '),
    ],
  };
}

function fromTensors(module: Module, isEntrance: boolean): InferredModule {
  const { tensors, className } = module;
  const weight = tensors.get('weight');
  const mean = tensors.get('running_mean');
  if (mean !== undefined) {
    return { className: className ?? 'BatchNorm', lines: [String(mean.shape[0] ?? '')] };
  }
  if (weight !== undefined && isLayer(tensors)) {
    const hasBias = tensors.has('bias');
    const [outs = 0, ins = 0, ...kernel] = weight.shape;
    if (kernel.length === 0 && weight.shape.length === 2) {
      return { className: className ?? 'Linear', lines: [linear(ins, outs, hasBias)] };
    }
    if (isConvolutionShaped(module)) {
      const isDepthwise = ins === 1 && outs > 1 && kernel.some((dim) => dim > 1) && !isEntrance;
      const size = `${isDepthwise ? outs : ins}, ${outs}, kernel_size=${pythonLiteral(kernel)}`;
      const groups = isDepthwise ? [`groups=${outs}`] : [];
      return {
        className: className ?? `Conv${kernel.length}d`,
        lines: [[size, ...groups, ...(hasBias ? [] : ['bias=False'])].join(', ')],
      };
    }
  }
  return { className: className ?? 'Module', lines: [tensorList(tensors)] };
}

/** Whether a module keeps a weight, perhaps a bias, and nothing else. */
function isLayer(tensors: ReadonlyMap<string, Tensor>): boolean {
  return [...tensors.keys()].every((leaf) => leaf === 'weight' || leaf === 'bias');
}

function linear(ins: number, outs: number, hasBias: boolean): string {
  return `in_features=${ins}, out_features=${outs}, bias=${hasBias ? 'True' : 'False'}`;
}

/** `gamma=[64], beta=[64]`: what is there, where no class is known. */
function tensorList(tensors: ReadonlyMap<string, Tensor>): string {
  return [...tensors].map(([leaf, { shape }]) => `${leaf}=[${shape.join(', ')}]`).join(', ');
}
