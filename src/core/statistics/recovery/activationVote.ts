import type { Feed } from '../feeds/feed';
import { activations, type Activation } from '../mathematics/activations';
import type { Reading } from '../readings';
import type { Study } from './study';

/** Below this much unexplained, activations are not told apart by the last digit. */
const RESOLUTION = 0.003;

/** Studies that explain less take no part in the vote. */
const MIN_SHARE = 0.8;

/** Losses, in nats over the whole file, so close that two activations predict the same (relu6 where nothing reaches 6). */
const SAME = 1;

/**
 * An activation is named when every other one costs this much more, and this much for each layer that has a say: in
 * trained files the right one leads by 0.8 to 4 nats a layer, what heavy tails imitate (GELU for ReLU) by 0.2.
 */
const CLEAR = 3;
const CLEAR_PER_VOTER = 0.4;

/**
 * A study keeps the file's activation when that leaves at most this factor (plus a margin for the approximations)
 * more unexplained than the best one does.
 */
const TOLERANCE = 2;
const MARGIN = 0.01;

/** What the layers of a file agree on. */
export interface ActivationVote {
  /** The likeliest activation; null when no layer has a say. */
  readonly activation: Activation | null;
  /** Further activations that several layers clearly prefer: MobileNetV3 has relu in front and hardswish behind. */
  readonly others: readonly Activation[];
  /** Whether every other activation explains the file clearly worse, so that it may be named. */
  readonly isClear: boolean;
  /** Names of two activations of which it is one, where no other is possible and nothing decides between them. */
  readonly alike: readonly string[];
}

/**
 * Networks use one activation nearly everywhere, and neighbours like relu and a leaky relu differ little in a single
 * layer. So the layers vote: for each activation the evidence it loses against the best one, summed over the file,
 * and what it costs to believe in a rarer one.
 */
export function voteOnActivation(studies: readonly Study[]): ActivationVote {
  const voters = studies.flatMap((study) => {
    const { best } = study;
    const hasSay = best !== null && best.fit.share >= MIN_SHARE && best.feed.activation !== 'none';
    const readings = rivals(study);
    return hasSay && readings.size >= activations.length ? [readings] : [];
  });
  if (voters.length === 0) return noVote;
  const ballots = activations.map((activation) => {
    const loss = voters.reduce((sum, readings) => sum + lossOf(activation.name, readings), 0);
    return { activation, loss, cost: loss + priorCost(activation.name, voters.length) };
  });
  const [first, ...others] = ballots.toSorted((a, b) => a.cost - b.cost);
  if (first === undefined) return noVote;
  const twin = others.find(
    ({ activation, loss }) =>
      isTwin(first.activation, activation) && Math.abs(loss - first.loss) <= SAME,
  );
  const rival = others.find((other) => other !== twin);
  const lead = Math.max(CLEAR, CLEAR_PER_VOTER * voters.length);
  const isAhead = rival === undefined || rival.cost - first.cost >= lead;
  const isTwinned = twin !== undefined && hasBottlenecks(studies);
  return {
    activation: first.activation,
    others: preferredElsewhere(voters, first.activation),
    isClear: isAhead && !isTwinned && !isMostlyParametric(voters),
    alike: isAhead && isTwinned ? twins : [],
  };
}

/** Whether the file stores slopes behind most of the layers that have a say. */
function isMostlyParametric(voters: readonly ReadonlyMap<string, Reading>[]): boolean {
  return 2 * voters.filter((readings) => readings.has('prelu')).length > voters.length;
}

const noVote: ActivationVote = { activation: null, others: [], isClear: false, alike: [] };

/** A layer clearly prefers another activation when the common one leaves this factor more unexplained. */
const PREFERRED = 3;
/** Losses this small are rounding; of twins the commoner one is preferred. */
const NEGLIGIBLE = 0.01;
const MIN_PREFERRING = 2;
const MAX_OTHERS = 2;

function preferredElsewhere(
  voters: readonly ReadonlyMap<string, Reading>[],
  common: Activation,
): Activation[] {
  // What is not quite normal looks like a slight leak, in some layers clearly; that is no second activation.
  const candidates = activations.filter(
    (activation) => !activation.name.startsWith('leaky') && !isTwin(activation, common),
  );
  const counts = candidates.map((activation) => {
    const preferring = voters.filter((readings) => {
      const isBest = lossOf(activation.name, readings) <= NEGLIGIBLE;
      return isBest && lossOf(common.name, readings) > Math.log(PREFERRED);
    });
    return { activation, count: preferring.length };
  });
  const preferred = counts
    .filter(({ count }) => count >= MIN_PREFERRING)
    .toSorted((a, b) => b.count - a.count)
    .map(({ activation }) => activation);
  return preferred
    .filter((each, rank) => preferred.slice(0, rank).every((better) => !isTwin(better, each)))
    .slice(0, MAX_OTHERS);
}

/**
 * Gives each study the activation whose slopes the file stores behind the layer, else the file's own, where that
 * explains its means about as well as the best one.
 */
export function agreeOnActivation(studies: readonly Study[], { activation }: ActivationVote): void {
  for (const study of studies) {
    const { best } = study;
    const readings = rivals(study);
    // Slopes that are stored in the file are no hypothesis.
    const other = readings.get('prelu') ?? readings.get(activation?.name ?? '');
    if (best === null || other === undefined || best.feed.activation === 'none') continue;
    if (best.feed.activation === 'prelu') continue;
    if (1 - other.fit.share <= TOLERANCE * (1 - best.fit.share) + MARGIN) study.best = other;
  }
}

function lossOf(name: string, readings: ReadonlyMap<string, Reading>): number {
  const shares = Array.from(readings.values(), ({ fit }) => fit.share);
  return Math.log(
    unexplained(readings.get(name)?.fit.share ?? -1) / unexplained(Math.max(...shares)),
  );
}

/**
 * Inputs are not quite normal, which bends the expectations of a relu towards those of a slightly leaky one, in every
 * layer a little (up to 0.35 nats in trained files). So a leaky relu has to win in each layer, the others once.
 */
function priorCost(name: string, voters: number): number {
  if (name === 'relu') return 0;
  if (name === 'relu6') return SAME;
  return name.startsWith('leaky') ? 2 + voters : 2;
}

const twins: readonly string[] = ['relu', 'relu6'];

/** relu and relu6 predict the same where nothing reaches 6; the commoner name then does no harm. */
function isTwin(a: Activation, b: Activation): boolean {
  return twins.includes(a.name) && twins.includes(b.name);
}

const MIN_BOTTLENECKS = 2;

/**
 * Whether convolutions of the file widen again what another one has narrowed behind a depthwise one, with nothing
 * between. Networks of that kind clip at 6 about as often as not (MobileNetV2 does, MNASNet does not), so neither name
 * is the commoner one.
 */
function hasBottlenecks(studies: readonly Study[]): boolean {
  const outputs = (chosen: readonly Study[]): ReadonlySet<string> =>
    new Set(chosen.map(({ norm }) => norm.layer.name));
  const depthwise = outputs(studies.filter(({ sums }) => sums.inputs === 1));
  const narrow = outputs(
    studies.filter(
      (study) => study.sums.inputs > study.sums.outChannels && depthwise.has(feeder(study) ?? ''),
    ),
  );
  const widening = studies.filter((study) => {
    const isPlain = study.best?.feed.activation === 'none' && study.share >= MIN_SHARE;
    return isPlain && study.sums.outChannels > study.sums.inputs && narrow.has(feeder(study) ?? '');
  });
  return widening.length >= MIN_BOTTLENECKS;
}

/** Name of the single layer that explains a study best. */
function feeder({ best }: Study): string | null {
  return best?.feed.origin.kind === 'norm' ? best.feed.origin.name : null;
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
