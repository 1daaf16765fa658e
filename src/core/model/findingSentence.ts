import { fillPlaces } from '../wording/fillPlaces';

/**
 * Everything the running statistics of a pair can say: a stable code and its English sentence. `{0}`, `{1}` … are
 * replaced by the arguments.
 */
export const findingSentences = {
  FOLLOWS_FED:
    'The means of {0} channels follow {1} through this convolution at {2}: the pair is right, and nothing stands between it and its BatchNorm.',
  FOLLOWS:
    'The means of {0} channels follow from this convolution at {1}: the pair is right, and nothing stands between it and its BatchNorm.',
  FOLLOWS_BEHIND_ACTIVATION:
    'The means of {0} channels follow from this convolution at {1} when an activation such as {2} stands between it and the BatchNorm, and not without.',
  ALIKE_BEHIND_ACTIVATION:
    'An activation stands in front of {0} of {1} BatchNorms that are named like this one, and none is proved to have none, so it is taken to stand here too.',
  FOLLOWS_WITH_SHORTCUT:
    'The means of {0} channels follow from this convolution at {1} when its own input is added to its output, and clearly worse without: a residual sum stands between it and the BatchNorm.',
  FOLLOWS_FROM_OTHER:
    'The running means do not follow from this convolution: they follow from {0} at {1}.',
  FEEDS_OTHER: 'The running means do not follow from this convolution: {0} feeds {1} at {2}.',
  NEVER_TRAINED: 'The running statistics are missing or were never trained, so they say nothing.',
  NOTHING_FITS:
    'No BatchNorm of the file has the channels to feed {0}, so the running means say nothing.',
  TOO_FEW_CHANNELS:
    'The running means follow from this convolution at {0}, but too few channels differ enough for a proof.',
  ALONE:
    'The running means follow from this convolution at {0} with fitted means of its input, but nothing else in the file follows, and alone that proves nothing.',
  ONLY_ALONGSIDE:
    'The running means run alongside what this convolution predicts ({0}), but differ from it in size or by an offset, so they prove nothing.',
  UNEXPLAINED:
    'Nothing that the file shows explains the running means through this convolution (best fit {0}), so they say nothing.',
  WORK_LIMIT:
    'The file has more layers than the test can compare with {0} billion multiplications, so it stopped before it had tried everything that may explain these running means.',
  NO_MEAN_NEGATIVE:
    'None of the {0} running means is negative, as in most BatchNorms of this file or all that are named alike: a ReLU stands between the convolution and the BatchNorm.',
  NO_MEAN_NEGATIVE_BY_CHANCE:
    'None of the {0} running means is negative, but a single layer can be so by chance.',
  SOME_MEANS_NEGATIVE:
    '{0} of {1} running means are negative, so no ReLU stands between the convolution and the BatchNorm; the signs say no more than that.',
} as const;

export type FindingCode = keyof typeof findingSentences;

/** A sentence in English, and in the parts that another language is made of. */
export interface FindingSentence {
  readonly code: FindingCode;
  readonly args: readonly string[];
  readonly sentence: string;
}

/** The sentence of `code` with its arguments in place. */
export function findingSentence(code: FindingCode, ...args: (string | number)[]): FindingSentence {
  return { code, args: args.map(String), sentence: fillPlaces(findingSentences[code], ...args) };
}
