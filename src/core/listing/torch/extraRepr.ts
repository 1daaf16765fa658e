import { isSparseConvolutionClass } from '../printout/layerClasses';
import { convolution, sparseConvolution } from './convolutionRepr';
import type { ModuleFacts } from './moduleFacts';
import {
  embedding,
  embeddingBag,
  frozenBatchNorm,
  parameterLines,
  quantizer,
  recurrent,
  recurrentCell,
  upsample,
} from './rareRepr';

/** What a class's `extra_repr` prints, as PyTorch 2.15 does, from attributes of that name. */
interface ExtraRepr {
  /** Attributes the text is made of: without one of them there is none. */
  readonly needs: readonly string[];
  readonly print: (facts: ModuleFacts) => readonly string[];
}

const inplaceOnly: ExtraRepr = { needs: ['inplace'], print: (facts) => facts.inplace };
const dropout = listed('p', 'inplace');
const pool = listed('kernel_size', 'stride', 'padding');
const maxPool = listed('kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode');
const outputSize = listed('output_size');
const dim = listed('dim');
const bare = (name: string): ExtraRepr => ({ needs: [name], print: (facts) => [facts.text(name)] });
const withInplace = (...names: readonly string[]): ExtraRepr => ({
  needs: [...names, 'inplace'],
  print: (facts) => [...facts.named(...names), ...facts.inplace],
});

/** Classes whose attributes alone do not tell how they print. Numbers of dimensions are left out of the names. */
const byClass: Readonly<Record<string, ExtraRepr>> = {
  ReLU: inplaceOnly,
  ReLU6: inplaceOnly,
  SELU: inplaceOnly,
  SiLU: inplaceOnly,
  Mish: inplaceOnly,
  LeakyReLU: withInplace('negative_slope'),
  ELU: withInplace('alpha'),
  CELU: withInplace('alpha'),
  RReLU: withInplace('lower', 'upper'),
  Hardtanh: withInplace('min_val', 'max_val'),
  Threshold: withInplace('threshold', 'value'),
  GELU: {
    needs: ['approximate'],
    print: (facts) => [`approximate=${facts.text('approximate', 'repr')}`],
  },
  PReLU: listed('num_parameters'),
  Softplus: listed('beta', 'threshold'),
  Softshrink: bare('lambd'),
  Hardshrink: bare('lambd'),
  GLU: dim,
  Softmax: dim,
  Softmin: dim,
  LogSoftmax: dim,
  Dropout: dropout,
  AlphaDropout: dropout,
  FeatureAlphaDropout: dropout,
  StochasticDepth: listed('p', 'mode'),
  DropPath: {
    needs: ['drop_prob'],
    print: (facts) => [`drop_prob=${Number(facts.value('drop_prob')).toFixed(3)}`],
  },
  MaxPool: maxPool,
  AvgPool: pool,
  MaxUnpool: pool,
  LPPool: listed('norm_type', 'kernel_size', 'stride', 'ceil_mode'),
  AdaptiveAvgPool: outputSize,
  AdaptiveMaxPool: outputSize,
  ZeroPad: bare('padding'),
  ReflectionPad: bare('padding'),
  ReplicationPad: bare('padding'),
  CircularPad: bare('padding'),
  ConstantPad: listed('padding', 'value'),
  Upsample: { needs: ['mode'], print: upsample },
  UpsamplingNearest: { needs: ['mode'], print: upsample },
  UpsamplingBilinear: { needs: ['mode'], print: upsample },
  Flatten: listed('start_dim', 'end_dim'),
  Unflatten: listed('dim', 'unflattened_size'),
  PixelShuffle: listed('upscale_factor'),
  PixelUnshuffle: listed('downscale_factor'),
  ChannelShuffle: listed('groups'),
  Fold: listed('output_size', 'kernel_size', 'dilation', 'padding', 'stride'),
  Unfold: listed('kernel_size', 'dilation', 'padding', 'stride'),
  LocalResponseNorm: {
    needs: ['size', 'alpha', 'beta', 'k'],
    print: (facts) => [facts.text('size'), ...facts.named('alpha', 'beta', 'k')],
  },
  Embedding: { needs: ['num_embeddings', 'embedding_dim'], print: embedding },
  EmbeddingBag: { needs: ['num_embeddings', 'embedding_dim', 'mode'], print: embeddingBag },
  RMSNorm: {
    needs: ['normalized_shape', 'eps', 'elementwise_affine'],
    print: (facts) => [facts.text('normalized_shape'), ...facts.named('eps', 'elementwise_affine')],
  },
  LSTM: { needs: ['input_size', 'hidden_size'], print: recurrent },
  GRU: { needs: ['input_size', 'hidden_size'], print: recurrent },
  RNN: { needs: ['input_size', 'hidden_size'], print: recurrent },
  LSTMCell: { needs: ['input_size', 'hidden_size'], print: recurrentCell },
  GRUCell: { needs: ['input_size', 'hidden_size'], print: recurrentCell },
  RNNCell: { needs: ['input_size', 'hidden_size'], print: recurrentCell },
  FrozenBatchNorm: { needs: ['eps'], print: frozenBatchNorm },
  DeformConv: {
    needs: [
      'in_channels',
      'out_channels',
      'kernel_size',
      'stride',
      'padding',
      'dilation',
      'groups',
    ],
    print: convolution,
  },
  TensorQuantizer: { needs: ['_num_bits'], print: quantizer },
};

/** Base classes, known by what they keep: subclasses print as they do. */
const byAttributes: readonly ExtraRepr[] = [
  {
    needs: [
      'in_channels',
      'out_channels',
      'kernel_size',
      'stride',
      'padding',
      'dilation',
      'output_padding',
      'groups',
      'padding_mode',
    ],
    print: convolution,
  },
  {
    needs: ['num_features', 'eps', 'momentum', 'affine', 'track_running_stats'],
    print: (facts) => [
      facts.text('num_features'),
      ...facts.named('eps', 'momentum', 'affine'),
      useBias(facts),
      ...facts.named('track_running_stats'),
    ],
  },
  {
    needs: ['num_groups', 'num_channels', 'eps', 'affine'],
    print: (facts) => [
      facts.text('num_groups'),
      facts.text('num_channels'),
      ...facts.named('eps', 'affine'),
      useBias(facts),
    ],
  },
  {
    needs: ['normalized_shape', 'eps', 'elementwise_affine'],
    print: (facts) => [
      facts.text('normalized_shape'),
      ...facts.named('eps', 'elementwise_affine'),
      useBias(facts),
    ],
  },
  {
    needs: ['in1_features', 'in2_features', 'out_features'],
    print: (facts) => [
      ...facts.named('in1_features', 'in2_features', 'out_features'),
      useBias(facts),
    ],
  },
  {
    needs: ['in_features', 'out_features'],
    print: (facts) => [...facts.named('in_features', 'out_features'), useBias(facts)],
  },
];

/**
 * The lines `extra_repr` prints for a module of a known class: none for a class that prints nothing (most do not),
 * null when the file keeps too little of it to tell.
 */
export function extraRepr(facts: ModuleFacts): readonly string[] | null {
  const { className } = facts.module;
  if (className === 'ParameterList' || className === 'ParameterDict') return parameterLines(facts);
  const text = argumentText(facts);
  return text === '' ? [] : text === null ? null : [text];
}

function argumentText(facts: ModuleFacts): string | null {
  const { className, attributes } = facts.module;
  if (className === null || attributes === null) return null;
  if (isSparseConvolutionClass(className)) return sparseConvolution(facts);
  const named = byClass[className.replace(/^Lazy|[123]d$/g, '')];
  const known = named ?? byAttributes.find(({ needs }) => facts.has(...needs));
  if (known === undefined) return /^(Conv|BatchNorm|Linear)/.test(className) ? null : '';
  return facts.has(...known.needs) ? known.print(facts).join(', ') : null;
}

function listed(...names: readonly string[]): ExtraRepr {
  return { needs: names, print: (facts) => facts.named(...names) };
}

function useBias(facts: ModuleFacts): string {
  return `bias=${facts.hasBias ? 'True' : 'False'}`;
}
