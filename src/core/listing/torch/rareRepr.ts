import type { DType } from '../../model/tensor';
import type { ModuleFacts } from './moduleFacts';

export function upsample(facts: ModuleFacts): string[] {
  const factor = facts.value('scale_factor');
  const size =
    factor === null ? `size=${facts.text('size')}` : `scale_factor=${facts.text('scale_factor')}`;
  return [size, `mode=${facts.text('mode', 'repr')}`];
}

export function embedding(facts: ModuleFacts): string[] {
  return [
    facts.text('num_embeddings'),
    facts.text('embedding_dim'),
    ...facts.unless('padding_idx', (value) => value === null),
    ...facts.unless('max_norm', (value) => value === null),
    ...facts.unless('norm_type', (value) => value === 2 || value === null),
    ...facts.unless('scale_grad_by_freq', (value) => value !== true),
    ...facts.unless('sparse', (value) => value !== true),
  ];
}

export function embeddingBag(facts: ModuleFacts): string[] {
  return [
    facts.text('num_embeddings'),
    facts.text('embedding_dim'),
    ...facts.unless('max_norm', (value) => value === null),
    ...facts.unless('norm_type', (value) => value === 2 || value === null),
    ...facts.unless('scale_grad_by_freq', (value) => value !== true),
    `mode=${facts.text('mode', 'repr')}`,
    ...facts.unless('padding_idx', (value) => value === null),
  ];
}

export function recurrent(facts: ModuleFacts): string[] {
  return [
    facts.text('input_size'),
    facts.text('hidden_size'),
    ...facts.unless('proj_size', (value) => value === 0 || value === null),
    ...facts.unless('num_layers', (value) => value === 1 || value === null),
    ...facts.unless('bias', (value) => value !== false),
    ...facts.unless('batch_first', (value) => value !== true),
    ...facts.unless('dropout', (value) => value === 0 || value === null),
    ...facts.unless('bidirectional', (value) => value !== true),
  ];
}

export function recurrentCell(facts: ModuleFacts): string[] {
  return [
    facts.text('input_size'),
    facts.text('hidden_size'),
    ...facts.unless('bias', (value) => value !== false),
    ...facts.unless('nonlinearity', (value) => value === 'tanh' || value === null),
  ];
}

/** torchvision's prints its channels, detectron2's names them. */
export function frozenBatchNorm(facts: ModuleFacts): string[] {
  const [channels = 0] = facts.module.tensors.get('running_mean')?.shape ?? [];
  const count = facts.has('num_features') ? `num_features=${channels}` : String(channels);
  return [count, ...facts.named('eps')];
}

/** pytorch_quantization: words instead of a list. The calibrator's class and the amax themselves are not at hand. */
export function quantizer(facts: ModuleFacts): string[] {
  if (facts.value('_disabled') === true) return ['disabled'];
  const amax = facts.module.tensors.get('_amax');
  const words = [
    `${facts.value('_unsigned') === true ? 'unsigned ' : ''}${facts.text('_num_bits')}bit`,
    facts.value('_narrow_range') === true ? 'narrow' : '',
    facts.value('_fake_quant') === true ? 'fake' : '',
    facts.value('_axis') === null ? 'per-tensor' : `axis=${facts.text('_axis')}`,
    amax === undefined ? 'amax=dynamic' : `amax=[${amax.shape.join(', ')}]`,
    facts.value('_if_quant') === true ? 'quant' : '',
    facts.value('_if_calib') === true ? 'calib' : '',
  ];
  return [words.filter((word) => word !== '').join(' ')];
}

const torchTypes: Readonly<Record<DType, string>> = {
  f64: 'float64',
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  u8: 'uint8',
  bool: 'bool',
  other: 'other',
};

/** A list of parameters prints one line for each, indented twice. */
export function parameterLines({ module }: ModuleFacts): string[] {
  return [...module.tensors].map(
    ([key, { dtype, shape }]) =>
      `  (${key}): Parameter containing: [torch.${torchTypes[dtype]} of size ${shape.join('x')}]`,
  );
}
