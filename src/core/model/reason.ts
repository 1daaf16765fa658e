/**
 * Every reason a verdict can carry: a stable code and its English sentence. `{0}`, `{1}` … are replaced by the
 * arguments. A sentence says what is so, about which layer, and what to do where something can be done.
 */
export const reasonSentences = {
  // What stands between convolution and BatchNorm
  ACTIVATION_BETWEEN:
    '{0} stands between the convolution and the BatchNorm, so the two do not compose to one convolution.',
  OPERATOR_BETWEEN:
    '{0} stands between the convolution and the BatchNorm, and folding past it is not proved to keep the result.',
  CAST_BETWEEN:
    '{0} changes the element type between the convolution and the BatchNorm; folding would round before the BatchNorm instead of after it.',
  BATCHNORM_BETWEEN:
    '{0} stands between the convolution and this BatchNorm. Fold that one first, then this one in the fused file.',
  CONV_OUTPUT_REUSED:
    'The convolution’s output is also read by {0}, which would see folded values.',
  CONV_OUTPUT_IS_GRAPH_OUTPUT:
    'The convolution’s output {0} is an output of the graph and must keep its values.',
  CONV_OUTPUT_CAPTURED:
    'The convolution’s output is captured by a subgraph of {0}, which would see folded values.',
  NO_CONVOLUTION_BEFORE: 'No convolution feeds this BatchNorm: its input comes from {0}.',
  LOOKED_THROUGH: '{0} between the convolution and the BatchNorm is harmless and folds along.',
  // BatchNorm semantics
  TRAINING_MODE:
    'The BatchNorm runs in training mode: it uses statistics of the batch, not the stored ones.',
  TRAINING_FORM_OUTPUTS: 'The BatchNorm has {0} outputs, which is the training form in opset {1}.',
  IS_TEST_AMBIGUOUS:
    'Opset {0} does not say that this BatchNorm runs in inference (is_test is 0): only its output Y is used, so inference is assumed.',
  STATISTICS_PER_POSITION: 'The BatchNorm normalises per position (spatial=0), not per channel.',
  STATISTICS_MISSING:
    'There are no running statistics: a BatchNorm without them (track_running_stats=False) uses those of the batch, a GroupNorm, LayerNorm or InstanceNorm those of each sample. None of them folds.',
  PARAMETERS_NOT_CONSTANT: '{0} of the BatchNorm is not a constant of the file.',
  PARAMETER_OVERRIDABLE:
    'A caller may override {0}: an initializer that is a graph input too is a default value (IR version {1}).',
  INITIALIZERS_ARE_INPUTS:
    'All initializers of the file are graph inputs too, as exporters of its time wrote them (IR version {0}); they are taken as constants.',
  PARAMETER_SHAPE: '{0} of the BatchNorm has shape {1}; {2} values in one dimension are needed.',
  CHANNELS_DIFFER: 'The BatchNorm has {0} channels, the convolution {1} output channels.',
  CHANNEL_AXIS_DIFFERS: 'The BatchNorm normalises axis 1, but the channels of {0} are on axis {1}.',
  RANK_UNKNOWN:
    'The rank of {0} is unknown, so the BatchNorm’s channel axis cannot be proved to be the features.',
  CUSTOM_DOMAIN: '{0} belongs to the domain {1}; its meaning is not known here.',
  OPERATOR_REDEFINED:
    'The file redefines {0} by a function of its own, so its meaning is not known here.',
  VALUE_DEFINED_TWICE: '{0} is defined more than once, so it is not known which one is read.',
  OUTPUT_MISSING: 'The BatchNorm has no output, so there is nothing the convolution could give.',
  VARIANCE_INVALID:
    'variance + eps is not positive in channel {0} ({1}), so the BatchNorm’s output is not a number there.',
  VARIANCE_INFINITE:
    'The variance of channel {0} is infinite, so folding would make the channel the constant beta.',
  PARAMETER_NOT_FINITE: '{0} holds {1} in channel {2}.',
  UNTRAINED:
    'The BatchNorm looks untrained: every running mean is 0 and every running variance is 1.',
  DEAD_CHANNELS: '{0} of {1} channels have gamma 0: after folding their weights are zero.',
  NEGATIVE_GAMMA:
    '{0} of {1} channels have a negative gamma: minimum and maximum of the channel change places.',
  EPS_ASSUMED:
    'eps is not in the file; {0} is assumed. With {1} instead, the scale would change by up to {2} %.',
  // Weights and biases
  WEIGHT_NOT_CONSTANT: 'The weight of {0} is computed at run time.',
  BIAS_NOT_CONSTANT: 'The bias of {0} is computed at run time.',
  WEIGHT_QUANTIZED: 'The weight of {0} is quantized ({1}). Fold before quantizing.',
  SHARED_WEIGHT_COPIED:
    'The weight is also used by {0}; the folded convolution gets a private copy.',
  SHARED_BIAS_COPIED: 'The bias is also used by {0}; the folded convolution gets a private copy.',
  SHARED_WEIGHT_TIED:
    'The weight shares its storage with {0}; a model that really ties them would lose a private copy again.',
  BATCHNORM_SHARED:
    '{0} of the BatchNorm is also used by {1}; one stored vector cannot serve a folded and an unfolded layer.',
  CONV_REUSED: 'The convolution is used more than once, and not always with this BatchNorm.',
  DTYPE_UNSUPPORTED:
    '{0} has element type {1}; only float64, float32, float16 and bfloat16 can be folded.',
  FP16_OVERFLOW:
    'Channel {0} would reach {1} after folding, above the largest {2} value. Convert the layer to float32 first.',
  FP16_SUBNORMAL: '{0} folded values are subnormal in {1} and lose precision.',
  SUBNORMAL_BIAS: '{0} folded biases are subnormal in float32, which slows inference on many CPUs.',
  GROUPS_INVALID: '{0} input channels cannot be split into {1} groups.',
  GEMM_BIAS_PER_ROW: 'C of {0} varies over rows, so it cannot take the BatchNorm’s shift.',
  GEMM_BETA_ZERO: '{0} ignores its C (beta is 0), so there is no place for the BatchNorm’s shift.',
  MATMUL_NOT_RANK_2:
    '{0} works on rank {1}; only a rank-2 product has its features on the BatchNorm’s axis.',
  FUSED_ACTIVATION: '{0} applies {1} itself, before the BatchNorm.',
  REPARAMETRIZED: 'The weight of {0} is computed by {1}; remove the parametrization first.',
  TENSOR_UNREADABLE: '{0} cannot be read: {1}.',
  // Policy and user
  POLICY_BEVFUSION: '{0} is left alone by the policy bevfusion; choose policy all to fold it.',
  USER_SKIPPED: 'Left out by the user.',
  USER_FORCED: 'Folded because the user named it.',
  // Without a graph
  PAIR_UNPROVED: 'Names and order do not agree on the convolution of this BatchNorm: {0}.',
  STATISTICS_DISAGREE: 'The running means do not follow from this convolution: {0}.',
  ALL_MEANS_NON_NEGATIVE:
    'None of the {0} running means is negative, which a ReLU between convolution and BatchNorm explains.',
  NORM_BEFORE_CONV:
    'The BatchNorm comes before its convolution here (pre-activation), so it does not fold into it.',
  LAYOUT_1X1_AMBIGUOUS:
    'A sparse convolution with one tap: spconv 2 uses such a weight as [in, out] when it is submanifold or has stride 1. Choose with --layout, or give a structure listing.',
  LAYOUT_AMBIGUOUS:
    'The layout of the sparse weight {0} fits spconv 1 and spconv 2 alike. Choose with --layout.',
  TRANSPOSE_AMBIGUOUS:
    'The weight of {0} may be that of a convolution or of a transposed one, which keep their output channels on different axes. Give a structure listing.',
  LAYOUT_FOUND: 'The weight is laid out as in {0}: {1}.',
  AMAX_STALE: 'The per-tensor amax {0} was calibrated before folding and is stale now.',
  AMAX_RESCALED: 'The per-channel amax {0} is rescaled by |scale|.',
  WEIGHTS_FAKE_QUANTIZED:
    'The quantizers of {0} were enabled when the file was saved, so its weights may already be rounded to int8 steps.',
  ALREADY_FOLDED: 'The exporter has already folded this layer ({0}).',
} as const;

export type ReasonCode = keyof typeof reasonSentences;

/** A stable code and one plain sentence. `args` let a user interface say the same in another language. */
export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
  readonly args: readonly string[];
}

/** Makes a reason; arguments fill the sentence's places in order. */
export function reason(code: ReasonCode, ...args: (string | number)[]): Reason {
  const texts = args.map(String);
  const message = reasonSentences[code].replace(
    /\{(\d)\}/g,
    (_, place: string) => texts[Number(place)] ?? '?',
  );
  return { code, message, args: texts };
}
