import { wiringOf } from './decision/wiring';
import { feedText } from './feeds/feed';
import { fitPrediction } from './fit';
import { identity } from './mathematics/activations';
import type { Reading } from './readings';
import type { ActivationVote } from './recovery/activationVote';
import type { Study } from './recovery/study';

/** What a candidate of a scatter is, compared with the pair as it was found. */
export type CandidateKind =
  /** The pair's own convolution with the input that explains the means best. */
  | 'found'
  /** The same input after another activation, or after none. */
  | 'activation'
  /** The same convolution fed from another layer. */
  | 'input'
  /** Another convolution as wide, fed as it is itself. */
  | 'convolution';

/** One convolution with one input, and the means it would give. */
export interface ScatterCandidate {
  readonly kind: CandidateKind;
  readonly conv: string;
  /** What the convolution is fed with, as text; null when the numbers do not tell. */
  readonly fedBy: string | null;
  /** Correlation of predicted and stored means, both in standard deviations of the channel. */
  readonly fit: number;
  readonly predicted: Float32Array;
}

/** Candidates of each kind that are shown beside what was found. */
const MAX_ACTIVATIONS = 4;
const MAX_INPUTS = 4;
const MAX_CONVOLUTIONS = 3;

/** What was found for a pair, then what else might have been, best first. Empty when nothing could be predicted. */
export function scatterCandidates(
  own: Study,
  studies: readonly Study[],
  vote: ActivationVote,
): ScatterCandidate[] {
  const { best } = own;
  const found = best === null ? [] : [candidateOf('found', own, best, foundInput(own, vote))];
  return [
    ...found,
    ...otherActivations(own).map((reading) => candidateOf('activation', own, reading)),
    ...otherInputs(own).map((reading) => candidateOf('input', own, reading)),
    ...otherConvolutions(own, studies, vote),
  ];
}

/** The wiring where it is sure, else the input of the best reading; null for an input that is only fitted. */
function foundInput(study: Study, vote: ActivationVote): string | null {
  const wiring = wiringOf(study, vote);
  if (wiring !== null) return wiring.text;
  const feed = study.best?.feed;
  return feed === undefined || feed.origin.kind === 'unknown' ? null : feedText(feed);
}

function candidateOf(
  kind: CandidateKind,
  study: Study,
  reading: Reading,
  fedBy: string | null = feedText(reading.feed),
): ScatterCandidate {
  return {
    kind,
    conv: study.conv.name,
    fedBy,
    fit: reading.fit.correlation,
    predicted: Float32Array.from(study.predictedBy(reading)),
  };
}

/** The layer of the best reading with other activations; `none` is always among them. */
function otherActivations({ best, singles }: Study): Reading[] {
  const { origin, via, activation } = best?.feed ?? {};
  if (origin?.kind !== 'norm') return [];
  const alike = singles.filter(({ feed }) => {
    const isSameLayer = feed.origin.kind === 'norm' && feed.origin.name === origin.name;
    return isSameLayer && feed.via === via && feed.activation !== activation;
  });
  const ranked = bestOfEach(alike, ({ feed }) => feed.activation);
  const plain = ranked.filter(({ feed }) => feed.activation === identity.name);
  const others = ranked.filter(({ feed }) => feed.activation !== identity.name);
  return [...plain, ...others].slice(0, MAX_ACTIVATIONS).toSorted(byShare);
}

/** The same convolution behind other single layers, each with the activation that suits it best. */
function otherInputs({ best, singles }: Study): Reading[] {
  const found = best?.feed.origin;
  const others = singles.filter(({ feed: { origin } }) => {
    if (origin.kind !== 'norm') return false;
    return found?.kind !== 'norm' || origin.name !== found.name;
  });
  return bestOfEach(others, ({ feed }) => String(feed.order)).slice(0, MAX_INPUTS);
}

/** The convolutions as wide that are nearest in the file, each with the input found for itself. */
function otherConvolutions(
  own: Study,
  studies: readonly Study[],
  vote: ActivationVote,
): ScatterCandidate[] {
  const alike = studies.filter(
    ({ conv, sums, best }) =>
      conv.name !== own.conv.name && sums.outChannels === own.sums.outChannels && best !== null,
  );
  const nearest = alike.toSorted(
    (a, b) => Math.abs(a.order - own.order) - Math.abs(b.order - own.order),
  );
  const byName = new Map(nearest.map((study) => [study.conv.name, study]));
  return [...byName.values()].slice(0, MAX_CONVOLUTIONS).flatMap((study) => {
    if (study.best === null) return [];
    const predicted = study.predictedBy(study.best);
    const base = predicted.map((mean, row) => mean - (own.bias?.[own.sums.rows[row] ?? 0] ?? 0));
    const { correlation } = fitPrediction(own.stored, { base, columns: [], limits: [] });
    return [
      {
        kind: 'convolution' as const,
        conv: study.conv.name,
        fedBy: foundInput(study, vote),
        fit: correlation,
        predicted: Float32Array.from(predicted),
      },
    ];
  });
}

function bestOfEach(readings: readonly Reading[], group: (reading: Reading) => string): Reading[] {
  const best = new Map<string, Reading>();
  for (const reading of readings.toSorted(byShare)) {
    const key = group(reading);
    if (!best.has(key)) best.set(key, reading);
  }
  return [...best.values()];
}

function byShare(a: Reading, b: Reading): number {
  return b.fit.share - a.fit.share;
}
