import { fitText } from '../../src/core/wording/findingText';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type { PictureCandidate } from '../../src/protocol/statistics';
import type { StatisticsTexts } from '../../src/protocol/statisticsView';
import { numberText } from '../shared/numberText';
import type { ChannelPoint, ColumnKey } from './channelPoints';
import { lineShape } from './lineShape';

/** What tells a candidate from the others of its kind: its input, and its convolution if that is another one. */
export function candidateText(candidate: PictureCandidate, texts: StatisticsTexts): string {
  const input = fillPlaces(texts.fedBy, candidate.fedBy ?? texts.unknownInput);
  return candidate.kind === 'convolution' ? `${candidate.conv} · ${input}` : input;
}

/** A fit with a true minus sign; a dash where there is none. */
export function candidateFit({ fit }: PictureCandidate): string {
  return fit === null ? '–' : fitText(fit).replace('-', '−');
}

/** What the chart shows as a whole: `16 channels, fit 0.998: a line, so the means follow.` */
export function chartSentence(
  points: readonly ChannelPoint[],
  candidate: PictureCandidate,
  texts: StatisticsTexts,
): string {
  const shape = lineShape(points);
  const seen = shape === null ? texts.tooFew : texts.lines[shape];
  return fillPlaces(texts.chartSummary, points.length, candidateFit(candidate), seen);
}

/** A channel in one line, for screen readers. */
export function channelSentence(point: ChannelPoint, texts: StatisticsTexts): string {
  const figures = (['predicted', 'stored', 'deviations'] as const).map((key) =>
    figureText(point, key),
  );
  return fillPlaces(texts.channelSentence, point.channel, ...figures);
}

/** A figure of a channel for a table; a dash where there is none. */
export function figureText(point: ChannelPoint, key: ColumnKey): string {
  const value = point[key];
  if (value === null) return '–';
  // Hundredths of a standard deviation are as fine as it gets; numbers without a limit would not fit a column.
  if (key === 'deviations' && value < 100) return value.toFixed(2);
  return numberText(value);
}
