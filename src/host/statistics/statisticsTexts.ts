import { l10n } from 'vscode';
import type { StatisticsTexts } from '../../protocol/statisticsView';

/** The words of the statistics page in the user's language. Pages cannot ask for them, so they are handed over. */
export function statisticsTexts(): StatisticsTexts {
  return {
    title: l10n.t('What the statistics say'),
    pair: l10n.t('Pair'),
    previousPair: l10n.t('Previous pair'),
    nextPair: l10n.t('Next pair'),
    position: l10n.t('{0} of {1}'),
    reveal: l10n.t('Reveal in Structure'),
    stop: l10n.t('Stop'),
    test: l10n.t('Test'),
    testing: l10n.t('Reading the weights and testing every pair…'),
    loading: l10n.t('Working out the picture…'),
    stopped: l10n.t('The test was stopped, so there is no picture yet.'),
    noPairs: l10n.t('This model has no pair to show.'),
    none: l10n.t(
      'There is nothing to draw: the running statistics of this pair were never updated, or cannot be read.',
    ),
    unpredicted: l10n.t(
      'No layer of the file can feed this convolution, so its running means cannot be predicted.',
    ),
    verdicts: {
      fusable: l10n.t('fusable'),
      skipped: l10n.t('skipped'),
      blocked: l10n.t('blocked'),
    },
    says: {
      confirms: l10n.t('confirmed'),
      silent: l10n.t('silent'),
      contradicts: l10n.t('contradicted'),
    },
    unasked: l10n.t('not tested'),

    chart: l10n.t('Predicted against stored running mean of each channel'),
    chartHelp: l10n.t(
      'Up and down go from channel to channel, left and right from candidate to candidate.',
    ),
    chartSummary: l10n.t('{0} channels, fit {1}: {2}.'),
    lines: {
      line: l10n.t('a line, so the means follow'),
      loose: l10n.t('loosely along the line'),
      cloud: l10n.t('a cloud, so the means do not follow'),
    },
    tooFew: l10n.t('too few channels to tell'),
    predicted: l10n.t('predicted mean'),
    stored: l10n.t('stored running mean'),
    predictedStd: l10n.t('predicted mean, in standard deviations'),
    storedStd: l10n.t('stored running mean, in standard deviations'),
    identity: l10n.t('predicted = stored'),
    units: l10n.t('Unit of both axes'),
    unitMean: l10n.t('as stored'),
    unitStd: l10n.t('in standard deviations'),
    near: l10n.t('within {0} deviations'),
    far: l10n.t('farther away'),
    channelSentence: l10n.t(
      'channel {0}: predicted {1}, stored {2}, {3} standard deviations apart',
    ),
    fit: l10n.t('fit {0}'),

    candidates: l10n.t('Candidates'),
    previousCandidate: l10n.t('Previous candidate'),
    nextCandidate: l10n.t('Next candidate'),
    kinds: {
      found: l10n.t('As found'),
      activation: l10n.t('Other activation'),
      input: l10n.t('Other input'),
      convolution: l10n.t('Other convolution'),
    },
    fedBy: l10n.t('fed by {0}'),
    unknownInput: l10n.t('a few unknown inputs, fitted'),

    table: l10n.t('Predicted and stored means by channel'),
    columns: {
      channel: l10n.t('Channel'),
      predicted: l10n.t('Predicted'),
      stored: l10n.t('Stored'),
      difference: l10n.t('Difference'),
      deviations: l10n.t('Deviations'),
    },
    selection: l10n.t('{0} of {1} channels are shown, evenly spread.'),
  };
}
