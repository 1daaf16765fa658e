import type { Feed } from '../feeds/feed';
import { activations, type Activation } from '../mathematics/activations';
import type { Reading } from '../readings';
import type { Study } from './study';

/** Difference of two losses, in nats over the whole file, that decides nothing. */
const TIE = 1;

/** Below this much unexplained, activations are not told apart by the last digit. */
const RESOLUTION = 0.003;

/** Studies that explain less take no part in the vote. */
const MIN_SHARE = 0.8;

/**
 * A study keeps the file's activation when that leaves at most this factor (plus a margin for the approximations)
 * more unexplained than the best one does.
 */
const TOLERANCE = 2;
const MARGIN = 0.01;

/**
 * Networks use one activation nearly everywhere, and neighbours like relu and a leaky relu differ little in a single
 * layer. So the layers vote: for each activation the evidence it loses against the best one, summed over the file.
 * Returns the activations by that loss, the file's own first; empty when no layer has a say.
 */
export function voteOnActivation(studies: readonly Study[]): Activation[] {
  const voters = studies.flatMap((study) => {
    const readings = rivals(study);
    const best = study.best;
    const hasSay = best !== null && best.fit.share >= MIN_SHARE && best.feed.activation !== 'none';
    return hasSay && readings.size >= activations.length ? [readings] : [];
  });
  if (voters.length === 0) return [];
  const losses = activations.map((activation) => {
    const loss = voters.reduce((sum, readings) => {
      const shares = Array.from(readings.values(), ({ fit }) => fit.share);
      const own = readings.get(activation.name)?.fit.share ?? -1;
      return sum + Math.log(unexplained(own) / unexplained(Math.max(...shares)));
    }, 0);
    return { activation, loss };
  });
  const least = Math.min(...losses.map(({ loss }) => loss));
  // Losses this close are a tie (relu and relu6 where nothing reaches 6); the commoner one comes first in the list.
  const rank = (loss: number): number => (loss <= least + TIE ? 0 : loss);
  return losses.toSorted((a, b) => rank(a.loss) - rank(b.loss)).map(({ activation }) => activation);
}

/** Gives each study the file's activation where that explains its means about as well as the best one. */
export function agreeOnActivation(studies: readonly Study[], voted: readonly Activation[]): void {
  const [common] = voted;
  if (common === undefined) return;
  for (const study of studies) {
    const { best } = study;
    const other = rivals(study).get(common.name);
    if (best === null || other === undefined || best.feed.activation === 'none') continue;
    if (1 - other.fit.share <= TOLERANCE * (1 - best.fit.share) + MARGIN) study.best = other;
  }
}

/** Readings of the layer the study chose, by activation; the best eps of each. */
function rivals(study: Study): Map<string, Reading> {
  const { best } = study;
  const readings = new Map<string, Reading>();
  if (best === null) return readings;
  for (const reading of study.singles) {
    const { feed, fit } = reading;
    if (!isSameLayer(feed, best.feed) || reading.gain !== best.gain) continue;
    if (feed.activation === 'none' || feed.activation === 'crelu') continue;
    const known = readings.get(feed.activation);
    if (known === undefined || fit.share > known.fit.share) readings.set(feed.activation, reading);
  }
  return readings;
}

function isSameLayer(a: Feed, b: Feed): boolean {
  const isSame = a.origin.kind === 'norm' && b.origin.kind === 'norm';
  return isSame && a.origin.name === b.origin.name && a.via === b.via;
}

function unexplained(share: number): number {
  return Math.max(1 - share, RESOLUTION);
}
