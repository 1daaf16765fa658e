import type { AttributeValue } from '../../../model/network';
import { joinPath } from '../../stateDict/joinPath';
import { splitKey } from '../../stateDict/modulesFromKeys';
import type { OperatorArguments, OperatorCall } from './operatorArguments';
import type { ProgramGraph } from './programGraph';
import { tensorsIn, type ProgramValue, type TensorValue } from './programValue';

/** What the translation needs of the network around it. */
export interface TranslationContext {
  readonly graph: ProgramGraph;
  /** Ones or zeros for a BatchNorm without gamma or beta, as many as `mean` has; null when that is no parameter. */
  absentVector(bnName: string, leaf: 'weight' | 'bias', mean: TensorValue): TensorValue | null;
}

/** Operators that give back their input, or a copy of its values. */
const transparent = new Set(['detach', 'contiguous', 'clone', 'alias', 'lift_fresh_copy']);

/** Operators that see a tensor's shape and not its values. */
const shapeOnly = new Set([
  'size',
  'sym_size',
  'dim',
  'numel',
  'len',
  'shape',
  'device',
  'dtype',
  'layout',
  'is_floating_point',
  'is_contiguous',
  'is_cuda',
  'stride',
  '_assert_tensor_metadata',
  'requires_grad',
]);

/** Activations by their names in ONNX, which takes them for non-linear and nothing more. */
const activations: ReadonlyMap<string, string> = new Map([
  ['relu', 'Relu'],
  ['relu6', 'Clip'],
  ['hardtanh', 'Clip'],
  ['clamp', 'Clip'],
  ['sigmoid', 'Sigmoid'],
  ['tanh', 'Tanh'],
  ['leaky_relu', 'LeakyRelu'],
  ['elu', 'Elu'],
  ['selu', 'Selu'],
  ['celu', 'Celu'],
  ['gelu', 'Gelu'],
  ['silu', 'Swish'],
  ['mish', 'Mish'],
  ['softplus', 'Softplus'],
  ['hardsigmoid', 'HardSigmoid'],
  ['hardswish', 'HardSwish'],
]);

/** Operators whose output is a view of their first input's memory. */
const views = new Set([
  'view',
  'reshape',
  'flatten',
  'slice',
  'select',
  'narrow',
  'transpose',
  'permute',
  'expand',
  'squeeze',
  'unsqueeze',
  't',
  'chunk',
  'split',
  'unbind',
  'getitem',
  'to',
]);

/** Operators whose output has as many dimensions as their input. */
const keepsRank =
  /^(add|sub|mul|div|cat|dropout|.*pool[123]d|upsample.*|interpolate|pad|constant_pad_nd)_?$/;

/**
 * Adds a call to the graph. Convolutions, BatchNorms, linear layers and activations get ONNX's names; any other
 * operator is a node of its own namespace, which pairing does not look into.
 */
export function translateOperator(call: OperatorCall, context: TranslationContext): ProgramValue {
  const { args, path } = call;
  const isInPlace = /[^_]_$/.test(call.name);
  const name = call.name.replace(/(?<=[^_])_$/, '');
  const input = args.tensor(0, 'input') ?? args.tensor(0, 'self');
  if (shapeOnly.has(name)) return shapeOf(name, input);
  if (input !== null && transparent.has(name)) return input;
  if (input !== null && isDropout(name)) {
    const isOff = args.constant(2, 'training') === false || args.constant(2, 'train') === false;
    if (isOff) return input;
  }
  const special = specialOf(name);
  if (special !== undefined) {
    return special({ ...call, name }, input ?? runTimeInput(call, context), context);
  }
  const opType = activations.get(name);
  const rank = outputRank(name, args, input);
  const output = context.graph.node({
    // An activation is called by its module, as layers are; other operators must not take a layer's name.
    name: opType === undefined || path === '' ? joinPath(path, name) : path,
    opType: opType ?? name,
    domain: opType === undefined ? call.namespace : '',
    inputs: opType === undefined || input === null ? args.tensors() : [input],
    rank: opType === undefined ? rank : (input?.rank ?? null),
  });
  if (isInPlace && input !== null) return overwrite(input, output);
  return views.has(name) && input !== null ? { ...output, base: input } : output;
}

/** An edge for an input that is only known to come from some tensors. */
function runTimeInput({ args, path }: OperatorCall, { graph }: TranslationContext): TensorValue {
  const value = args.value(0, 'input') ?? args.value(0, 'self');
  const inputs = value === undefined ? [] : tensorsIn(value);
  return graph.node({ name: `${path} input`, opType: 'unknown', domain: 'prim', inputs });
}

/** The variable, and whatever it is a view of, hold the operator's result from now on. */
export function overwrite(input: TensorValue, output: TensorValue): TensorValue {
  for (let ref: TensorValue | null = input; ref !== null; ref = ref.base) ref.edge = output.edge;
  return input;
}

type Translator = (
  call: OperatorCall,
  input: TensorValue,
  context: TranslationContext,
) => ProgramValue;

function specialOf(name: string): Translator | undefined {
  if (/^conv[123]d$/.test(name)) return convolution({ groups: 6 });
  if (/^conv_transpose[123]d$/.test(name)) return convolution({ groups: 6, isTransposed: true });
  switch (name) {
    case 'convolution':
    case '_convolution':
      return generalConvolution;
    case 'batch_norm':
    case 'cudnn_batch_norm':
      return batchNorm({ training: 5, eps: 7 });
    case 'native_batch_norm':
    case '_native_batch_norm_legit':
      return (call, input, context) => ({
        kind: 'list',
        items: [batchNorm({ training: 5, eps: 7 })(call, input, context), unknown, unknown],
      });
    case '_native_batch_norm_legit_no_training':
      return (call, input, context) => ({
        kind: 'list',
        items: [batchNorm({ training: null, eps: 6 })(call, input, context), unknown, unknown],
      });
    case 'linear':
      return linear;
    default:
      return undefined;
  }
}

const unknown: ProgramValue = { kind: 'unknown', from: [] };

function convolution(place: { groups: number; isTransposed?: boolean }): Translator {
  return (call, input, context) =>
    convolutionNode(call, input, context, place.groups, place.isTransposed === true);
}

/** (input, weight, bias, stride, padding, dilation, transposed, output_padding, groups …) */
const generalConvolution: Translator = (call, input, context) => {
  const isTransposed = call.args.constant(6, 'transposed');
  if (typeof isTransposed !== 'boolean') return opaque(call, context);
  return convolutionNode(call, input, context, 8, isTransposed);
};

function convolutionNode(
  call: OperatorCall,
  input: TensorValue,
  context: TranslationContext,
  groupsAt: number,
  isTransposed: boolean,
): ProgramValue {
  const { args } = call;
  const weight = args.tensor(1, 'weight');
  const groups =
    args.value(groupsAt, 'groups') === undefined ? 1 : args.constant(groupsAt, 'groups');
  if (weight === null || typeof groups !== 'number') return opaque(call, context);
  return context.graph.node({
    name: pathOf(weight, call),
    opType: isTransposed ? 'ConvTranspose' : 'Conv',
    domain: '',
    inputs: [input, weight, args.tensor(2, 'bias')],
    rank: weight.rank,
    attributes: intAttributes({
      group: [groups],
      strides: args.ints(3, 'stride'),
      dilations: args.ints(isTransposed && groupsAt === 6 ? 7 : 5, 'dilation'),
    }),
  });
}

function batchNorm(place: { training: number | null; eps: number }): Translator {
  return (call, input, context) => {
    const { args } = call;
    const mean = args.tensor(3, 'running_mean');
    const variance = args.tensor(4, 'running_var');
    const training = place.training === null ? false : args.constant(place.training, 'training');
    const eps = args.constant(place.eps, 'eps');
    if (mean === null || variance === null || typeof eps !== 'number') return opaque(call, context);
    const name = pathOf(mean, call);
    const vector = (position: number, leaf: 'weight' | 'bias'): TensorValue | null =>
      args.tensor(position, leaf) ?? context.absentVector(name, leaf, mean);
    const attributes = new Map<string, AttributeValue>([
      ['epsilon', { kind: 'float', value: eps }],
    ]);
    if (training !== false) attributes.set('training_mode', { kind: 'int', value: 1 });
    return context.graph.node({
      name,
      opType: 'BatchNormalization',
      domain: '',
      inputs: [input, vector(1, 'weight'), vector(2, 'bias'), mean, variance],
      rank: input.rank,
      attributes,
    });
  };
}

/** ONNX's Gemm works on matrices; a linear layer on more dimensions is not what a BatchNorm behind it takes it for. */
const linear: Translator = (call, input, context) => {
  const weight = call.args.tensor(1, 'weight');
  if (weight === null || input.rank !== 2) return opaque(call, context);
  return context.graph.node({
    name: pathOf(weight, call),
    opType: 'Gemm',
    domain: '',
    inputs: [input, weight, call.args.tensor(2, 'bias')],
    rank: 2,
    attributes: new Map([['transB', { kind: 'int', value: 1 }]]),
  });
};

function opaque(
  { name, namespace, path, args }: OperatorCall,
  context: TranslationContext,
): TensorValue {
  return context.graph.node({
    name: joinPath(path, name),
    opType: name,
    domain: namespace,
    inputs: args.tensors(),
  });
}

/** A layer is called by the path of its parameter, so that it has its name from the state_dict. */
function pathOf(parameter: TensorValue, { path, name }: OperatorCall): string {
  return splitKey(parameter.edge).path || path || name;
}

function isDropout(name: string): boolean {
  return /^(feature_)?(alpha_)?dropout[123]?d?$/.test(name);
}

function shapeOf(name: string, input: TensorValue | null): ProgramValue {
  const isRank = name === 'dim' && input !== null && input.rank !== null;
  return isRank ? { kind: 'constant', value: input.rank } : unknown;
}

function outputRank(
  name: string,
  args: OperatorArguments,
  input: TensorValue | null,
): number | null {
  if (name === 'flatten') {
    const from = args.value(1, 'start_dim') === undefined ? 0 : args.constant(1, 'start_dim');
    const to = args.value(2, 'end_dim') === undefined ? -1 : args.constant(2, 'end_dim');
    return to === -1 && typeof from === 'number' && from >= 0 ? from + 1 : null;
  }
  if (name === 'view' || name === 'reshape') {
    const size = args.value(1, 'size') ?? args.value(1, 'shape');
    return size?.kind === 'list' ? size.items.length : null;
  }
  return keepsRank.test(name) ? (input?.rank ?? null) : null;
}

function intAttributes(
  lists: Readonly<Record<string, readonly number[] | null>>,
): ReadonlyMap<string, AttributeValue> {
  const attributes = new Map<string, AttributeValue>();
  for (const [name, value] of Object.entries(lists)) {
    const [first] = value ?? [];
    if (value === null || first === undefined) continue;
    const isSingle = name === 'group';
    attributes.set(name, isSingle ? { kind: 'int', value: first } : { kind: 'ints', value });
  }
  return attributes;
}
