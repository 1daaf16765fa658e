import type { Evidence } from '../model/pair';
import type { ReasonCode } from '../model/reason';

/**
 * What a reason does to a verdict: `note` informs and blocks nothing · `choice` is a decision of policy or user ·
 * `unproved` blocks because the file does not say enough · `hypothesis` blocks, as a fact where there is a graph and
 * as a suspicion where there are only modules or names · `wrong` blocks because folding would change the result.
 */
export type ReasonKind = 'note' | 'choice' | 'unproved' | 'hypothesis' | 'wrong';

export const reasonKinds: Readonly<Record<ReasonCode, ReasonKind>> = {
  ACTIVATION_BETWEEN: 'hypothesis',
  OPERATOR_BETWEEN: 'hypothesis',
  CAST_BETWEEN: 'wrong',
  BATCHNORM_BETWEEN: 'wrong',
  CONV_OUTPUT_REUSED: 'hypothesis',
  CONV_OUTPUT_IS_GRAPH_OUTPUT: 'wrong',
  CONV_OUTPUT_CAPTURED: 'wrong',
  NO_CONVOLUTION_BEFORE: 'wrong',
  LOOKED_THROUGH: 'note',
  TRAINING_MODE: 'wrong',
  TRAINING_FORM_OUTPUTS: 'wrong',
  IS_TEST_AMBIGUOUS: 'note',
  STATISTICS_PER_POSITION: 'wrong',
  STATISTICS_MISSING: 'wrong',
  PARAMETERS_NOT_CONSTANT: 'wrong',
  PARAMETER_OVERRIDABLE: 'unproved',
  INITIALIZERS_ARE_INPUTS: 'note',
  PARAMETER_SHAPE: 'wrong',
  CHANNELS_DIFFER: 'wrong',
  CHANNEL_AXIS_DIFFERS: 'wrong',
  RANK_UNKNOWN: 'unproved',
  CUSTOM_DOMAIN: 'wrong',
  OPERATOR_REDEFINED: 'wrong',
  VALUE_DEFINED_TWICE: 'wrong',
  OUTPUT_MISSING: 'wrong',
  VARIANCE_INVALID: 'wrong',
  VARIANCE_INFINITE: 'unproved',
  PARAMETER_NOT_FINITE: 'wrong',
  UNTRAINED: 'note',
  DEAD_CHANNELS: 'note',
  NEGATIVE_GAMMA: 'note',
  EPS_ASSUMED: 'note',
  WEIGHT_NOT_CONSTANT: 'wrong',
  BIAS_NOT_CONSTANT: 'wrong',
  WEIGHT_QUANTIZED: 'wrong',
  SHARED_WEIGHT_COPIED: 'note',
  SHARED_BIAS_COPIED: 'note',
  SHARED_WEIGHT_TIED: 'wrong',
  BATCHNORM_SHARED: 'wrong',
  CONV_REUSED: 'hypothesis',
  DTYPE_UNSUPPORTED: 'wrong',
  FP16_OVERFLOW: 'wrong',
  FP16_SUBNORMAL: 'note',
  SUBNORMAL_BIAS: 'note',
  GROUPS_INVALID: 'wrong',
  GEMM_BIAS_PER_ROW: 'wrong',
  GEMM_BETA_ZERO: 'wrong',
  MATMUL_NOT_RANK_2: 'wrong',
  FUSED_ACTIVATION: 'wrong',
  REPARAMETRIZED: 'wrong',
  TENSOR_UNREADABLE: 'wrong',
  POLICY_BEVFUSION: 'choice',
  USER_SKIPPED: 'choice',
  USER_FORCED: 'note',
  PAIR_UNPROVED: 'unproved',
  STATISTICS_DISAGREE: 'hypothesis',
  ALL_MEANS_NON_NEGATIVE: 'hypothesis',
  NORM_BEFORE_CONV: 'hypothesis',
  // Naming the pair does not say which layout is meant: `--layout` does.
  LAYOUT_1X1_AMBIGUOUS: 'wrong',
  LAYOUT_AMBIGUOUS: 'wrong',
  TRANSPOSE_AMBIGUOUS: 'wrong',
  LAYOUT_FOUND: 'note',
  AMAX_STALE: 'note',
  AMAX_RESCALED: 'note',
  WEIGHTS_FAKE_QUANTIZED: 'note',
  ALREADY_FOLDED: 'wrong',
};

/** Whether a user who names the pair may fold it in spite of this reason. */
export function isOverridable(code: ReasonCode, evidence: Evidence): boolean {
  const kind = reasonKinds[code];
  return kind === 'hypothesis' ? evidence !== 'graph' : kind !== 'wrong';
}
