import { fillPlaces } from '../wording/fillPlaces';

/**
 * Everything a drift report says in words: a stable code and its English sentence. `{0}`, `{1}` … are replaced by the
 * arguments.
 */
export const driftSentences = {
  // Which recipe leads to a fused layer
  FOLDED_RIGHT: 'Folded right: every weight is the exact value rounded once.',
  FOLDED_RIGHT_IN_FLOAT32:
    'Folded right, in the element type’s own arithmetic, as ONNX Runtime, onnxsim and others do: a few units in the last place off.',
  OTHER_EPS: 'Folded with eps {0} where this BatchNorm has {1}.',
  OTHER_EPS_ASSUMED:
    'Folded with eps {0} where {1} was assumed, as this file does not hold the eps of its BatchNorm: if {0} is its eps, the fold is right.',
  EPS_OUTSIDE_ROOT:
    'eps was added to √variance instead of to the variance (√var + eps), as mmcv and spconv 1 do in SparseSequential.fused().',
  NOT_FOLDED: 'The weight is that of the original: the BatchNorm was not folded.',
  FOLDED_ACROSS: 'Folded although the two do not compose: {0}',
  FOLDED_TWICE:
    'Already folded, and then the BatchNorm was applied once more: the weight is scaled twice.',
  BATCHNORM_STILL_THERE: 'The fused file still has the BatchNorm {0} behind this convolution.',
  BATCHNORM_STILL_THERE_OTHER_EPS:
    'The fused file still has the BatchNorm {0} behind this convolution, with eps {1} instead of {2}.',
  NEIGHBOUR_USED: 'The numbers of another BatchNorm were used: {0}.',
  WRONG_AXIS: 'The weight was scaled along its input channels instead of its output channels.',
  BIAS_DROPPED: 'The convolution’s own bias was dropped: the new bias is beta − mean·scale only.',
  SHIFT_MISSING:
    'The weight is scaled right, but the BatchNorm’s shift is missing: there is no bias.',
  BIAS_UNCHANGED:
    'The weight is scaled right, but the bias is still that of the original convolution.',
  MODEL_NOT_FINITE:
    'Values that are infinite or no numbers in this convolution’s weight, before any folding: {0}. Nothing can be said of its fold.',
  FOLD_NOT_FINITE: 'Values that are infinite or no numbers in the folded weight or bias: {0}.',
  WEIGHT_UNEXPLAINED: 'No known recipe leads from this pair to the folded weight.',
  BIAS_UNEXPLAINED: 'The weight is scaled right, but no known recipe leads to this bias.',
  // What to look at first when quantizing
  FOLD_WRONG: 'The fold itself is wrong: mend it before anything else.',
  FP16_OVERFLOWS: '{0} folded values do not fit float16; keep this layer in float32.',
  CHANNELS_SPREAD:
    'The widest channel is {0} times the median ({1} before folding): quantize per channel, one scale gives {2} dB.',
  INT8_COARSE: 'int8 with one scale reaches {0} dB only.',
  CHANNELS_DEAD: '{0} channels are dead after folding; they cost time and carry nothing.',
  // Why there is no accumulated drift
  NETWORKS_NOT_ASKED: 'Whole networks were not run, as asked for.',
  NO_GRAPH:
    'Accumulated drift needs a network that can be run; a {0} file holds no graph that ONNX Runtime takes, so only each pair on its own was measured.',
  NOTHING_TO_COMPARE:
    'The first file has no BatchNorm that folds into a convolution, so there is nothing to compare. The unfolded model goes first, the folded one second.',
  OTHER_NETWORK:
    'None of the {0} layers was found in the second file: it is another network, or its weights were changed by more than folding.',
  NOTHING_FOLDED: 'Nothing is folded, so there is nothing to compare.',
} as const;

export type DriftSentenceCode = keyof typeof driftSentences;

/** A sentence in English, and in the parts that another language is made of. */
export interface DriftSentence {
  readonly code: DriftSentenceCode;
  readonly args: readonly string[];
  readonly sentence: string;
}

/** The sentence of `code` with its arguments in place. */
export function driftSentence(code: DriftSentenceCode, ...args: readonly string[]): DriftSentence {
  return { code, args, sentence: fillPlaces(driftSentences[code], ...args) };
}
