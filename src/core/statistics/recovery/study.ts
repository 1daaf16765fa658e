import type { ConvLayer, WeightLayout } from '../../model/layer';
import type { FeedRecipe } from '../feeds/composites';
import { layersOf, type Feed } from '../feeds/feed';
import { predictedMeans, type Fit } from '../fit';
import type { Norm } from '../norm';
import { PartPredictions } from '../partPredictions';
import { bestReading, groupsFor, predictionOf, readAll, type Reading } from '../readings';
import { pickMeans, storedMeans, type StoredMeans } from '../storedMeans';
import type { ChannelSums } from '../weights/channelSums';
import type { WorkBudget } from '../workBudget';
import { shortlist, type Layer } from './layers';
import { isPooled } from './pooledFeeds';
import type { Witness } from './witness';

/** Feeds that survive the sifting on a few rows. */
const SIFT_KEEP = 8;

/** Readings kept of many, by each of two measures. */
const MAX_LEADERS = 8;

/** Feeds whose predictions are worked out together. */
const BATCH = 16;

/** What fitting one prediction costs, in multiplications: to one row, for each column and the base, and anyhow. */
const FIT_COST = 16;
const FIXED_FIT_COST = 5000;

/** What one channel's expectation behind an activation costs, in multiplications. */
const EXPECTATION_COST = 60;

/**
 * A more complicated explanation replaces a simpler one when it leaves at most this share of what the simpler one
 * left unexplained.
 */
const WORTH_IT = 0.6;

/** What a reading with borrowed unknowns must explain to be preferred to one with fitted ones. */
const MIN_SHARED_SHARE = 0.8;

/** Sums of a weight and the stored means at the same rows. */
interface Rows {
  readonly sums: ChannelSums;
  readonly stored: StoredMeans;
}

/** A reading whose feed is made only if it leads. */
interface Candidate {
  readonly make: () => Feed;
  readonly gain: number;
  readonly fit: Fit;
}

/** One convolution held against one BatchNorm: what was tried, and what explains the stored means best. */
export class Study {
  best: Reading | null = null;
  /** Hypotheses tried so far; a proof must survive them all. */
  tried = 0;
  /** Whether the layer of the best reading is surely the predecessor; a pair can be proved without it. */
  isPredecessorSure = true;
  /** Names of the activations that the file's layers have in common; null before they were asked. */
  ordinary: ReadonlySet<string> | null = null;
  /** Whether the work allowed was used up before everything was tried. */
  isCutShort = false;
  /** Readings of single layers, kept for the vote on the file's activation. */
  singles: readonly Reading[] = [];
  /** The leading readings of sums, concatenations and the like. */
  composites: readonly Reading[] = [];
  readonly conv: ConvLayer;
  readonly order: number;
  readonly sums: ChannelSums;
  readonly bias: Float64Array | null;
  readonly stored: StoredMeans;
  /** What many hypotheses are tried on: a few rows of a large layer, else all. */
  private readonly sieve: Rows;
  private readonly heard = new Set<string>();

  /** `id` is the pair's; '' for a combination that is no pair yet. */
  constructor(
    readonly id: string,
    readonly witness: Witness,
    readonly norm: Norm,
    private readonly work: WorkBudget,
  ) {
    const { conv, order, sums, bias, sieve } = witness;
    this.conv = conv;
    this.order = order;
    this.sums = sums;
    this.bias = bias;
    this.stored = storedMeans(norm, sums.rows, bias);
    this.sieve =
      sieve === null ? this : { sums: sieve.sums, stored: pickMeans(this.stored, sieve.places) };
  }

  /** What the best reading explains; −1 without any. */
  get share(): number {
    return this.best?.fit.share ?? -1;
  }

  /** Whether the layer is so large that hypotheses are sifted on a few rows. */
  private get isSifted(): boolean {
    return this.sieve !== this;
  }

  /** See `inputWidths`. */
  widthsAmong(norms: readonly Norm[]): number[] {
    return inputWidths(this.conv, this.sums, norms);
  }

  /**
   * Tries layers that were not tried yet, with every activation and eps, and keeps the best reading. Layers are chosen
   * by a few scouts of each; the readings of the chosen ones are kept in `singles`. Yields now and then.
   */
  *considerLayers(layers: readonly Layer[]): Generator<void, void> {
    const fresh = layers.filter(({ key }) => !this.heard.has(key));
    const { sieve, work } = this;
    const scouted = new Map<Layer, Reading[]>();
    for (const layer of fresh) {
      if (work.isSpent) {
        this.isCutShort = true;
        break;
      }
      this.heard.add(layer.key);
      this.tried += layer.feedCount * this.sums.gains.length;
      scouted.set(layer, this.readOn(sieve, layer.scouts()));
      if (work.isPauseDue()) yield;
    }
    const chosen = shortlist(scouted, this.order);
    let feeds: readonly Feed[] = [...chosen].flatMap((layer) => layer.feeds());
    if (this.isSifted) {
      feeds = this.sifted(feeds);
      yield;
    }
    const readings: Reading[] = [];
    for (let first = 0; first < feeds.length; first += BATCH) {
      readings.push(...this.readOn(this, feeds.slice(first, first + BATCH)));
      if (work.isPauseDue()) yield;
    }
    this.keepBest(readings);
    this.singles = [...this.singles, ...readings];
  }

  /**
   * Tries feeds by the thousand, of which only the leading readings are kept, and returns those. `stages` go from the
   * simple to the complicated: a later one is left out when one before has explained `enough`. Yields now and then.
   */
  *consider(
    stages: readonly Iterable<Feed | FeedRecipe>[],
    enough = Infinity,
  ): Generator<void, Reading[]> {
    const { sieve, work } = this;
    let leaders: Candidate[] = [];
    for (const stage of stages) {
      if (leaders.some(({ fit }) => fit.share >= enough)) break;
      for (const found of this.candidates(stage)) {
        leaders.push(...found);
        if (leaders.length > 4 * MAX_LEADERS) leaders = leading(leaders);
        if (work.isPauseDue()) yield;
      }
    }
    const kept = leading(leaders).map(({ make, gain, fit }): Reading => {
      return { feed: make(), gain, fit, prediction: null };
    });
    const feeds = new Set(kept.map(({ feed }) => feed));
    const readings = sieve === this ? kept : this.readOn(this, [...feeds]);
    this.keepBest(readings);
    this.composites = leading([...this.composites, ...readings]);
    return readings;
  }

  /** Readings of what was not tried yet, on the rows of the sieve, some at a time. */
  private *candidates(recipes: Iterable<Feed | FeedRecipe>): Generator<Candidate[]> {
    const { sums, stored } = this.sieve;
    const parts = new PartPredictions(sums, stored);
    let batch: Feed[] = [];
    const read = (): Candidate[] =>
      this.readOn(this.sieve, batch).map(({ feed, gain, fit }) => ({
        make: () => feed,
        gain,
        fit,
      }));
    for (const recipe of recipes) {
      if (this.heard.has(recipe.key)) continue;
      if (this.work.isSpent) {
        this.isCutShort = true;
        break;
      }
      this.heard.add(recipe.key);
      this.tried += sums.gains.length;
      if (parts.serves(recipe)) {
        this.work.spend(this.fitCost(sums));
        const make = (): Feed => recipe.make();
        yield parts.fits(recipe).map((fit, idx) => ({ make, gain: sums.gains[idx] ?? 1, fit }));
        continue;
      }
      const feed = 'make' in recipe ? recipe.make() : recipe;
      if (feed.activation !== 'none') this.work.spend(EXPECTATION_COST * feed.mean.length);
      batch.push(feed);
      if (batch.length < BATCH) continue;
      yield read();
      batch = [];
    }
    yield read();
  }

  /** Takes a reading made elsewhere into account. */
  offer(reading: Reading): void {
    if (this.heard.has(reading.feed.key)) return;
    this.heard.add(reading.feed.key);
    this.tried++;
    this.keepBest([reading]);
  }

  /** Takes a reading with fewer unknowns into account: it is better when it is less likely to be chance. */
  offerShared(reading: Reading): void {
    this.tried++;
    const { best } = this;
    const isSurer = best === null || reading.fit.logProbability < best.fit.logProbability;
    if (isSurer && reading.fit.share >= MIN_SHARED_SHARE) this.best = reading;
  }

  /** Running means of the kept channels as a reading predicts them, bias included. */
  predictedBy(reading: Reading): Float64Array {
    const { fit, gain } = reading;
    const means = predictedMeans(predictionOf(this.sums, reading), fit, gain);
    return means.map((mean, row) => mean + (this.bias?.[this.sums.rows[row] ?? 0] ?? 0));
  }

  private keepBest(readings: readonly Reading[]): void {
    const most = bestReading(readings);
    const found = most === null ? null : withoutSurplus(most, readings);
    if (found !== null && this.isBetter(found)) this.best = found;
  }

  private isBetter(found: Reading): boolean {
    const { best } = this;
    if (best === null) return true;
    // A pooling's fitted lift is no simpler than a sum of other layers.
    const isNoMore = isPooled(best.feed) && !hasMoreThan(best.feed, found.feed);
    const factor = isNoMore ? 1 : WORTH_IT;
    return 1 - found.fit.share < factor * (1 - best.fit.share);
  }

  /** The feeds that explain most on a few rows. */
  private sifted(feeds: readonly Feed[]): Feed[] {
    const ranked = this.readOn(this.sieve, feeds)
      .toSorted((a, b) => b.fit.share - a.fit.share)
      .map(({ feed }) => feed);
    // The layer that leads stays with all its activations, which have to be compared.
    const kept = ranked.filter((feed, rank) => rank < SIFT_KEEP || feed.order === ranked[0]?.order);
    return [...new Set(kept)];
  }

  private readOn({ sums, stored }: Rows, feeds: readonly Feed[]): Reading[] {
    const { rows, inputs, planes } = sums;
    const perFeed = rows.length * inputs * planes.length + this.fitCost(sums);
    this.work.spend(perFeed * feeds.length);
    return readAll(sums, stored, feeds);
  }

  private fitCost({ rows, planes, gains }: ChannelSums): number {
    return (FIXED_FIT_COST + FIT_COST * rows.length * planes.length) * gains.length;
  }
}

/** Of a reading and those among `readings` that do nearly as well with fewer of its layers, the one with fewest. */
function withoutSurplus(most: Reading, readings: readonly Reading[]): Reading {
  const lean = readings.filter(
    ({ feed, fit }) =>
      hasMoreThan(feed, most.feed) && WORTH_IT * (1 - fit.share) < 1 - most.fit.share,
  );
  const fewest = Math.min(...lean.map(({ feed }) => layersOf(feed).length));
  return bestReading(lean.filter(({ feed }) => layersOf(feed).length === fewest)) ?? most;
}

/** Whether `whole` comes from all layers of `part` and from others besides. */
function hasMoreThan(part: Feed, whole: Feed): boolean {
  const layers = new Set(layersOf(whole));
  const parts = layersOf(part);
  return layers.size > parts.length && parts.every((layer) => layers.has(layer));
}

/** The candidates that explain most, and those that correlate best. */
function leading<T extends { readonly fit: Fit }>(candidates: readonly T[]): T[] {
  const byShare = candidates.toSorted((a, b) => b.fit.share - a.fit.share);
  const byCorrelation = candidates.toSorted((a, b) => b.fit.correlation - a.fit.correlation);
  return [...new Set([...byShare.slice(0, MAX_LEADERS), ...byCorrelation.slice(0, MAX_LEADERS)])];
}

/**
 * Numbers of input channels a convolution may have, of the widths that `norms` have. A state_dict does not say in how
 * many groups a convolution works: depthwise (also with a multiplier of 2) where it sees one channel, and other groups
 * where no BatchNorm is as narrow as what it sees. Two or three inputs are an image's, not a group's.
 */
export function inputWidths(conv: ConvLayer, sums: ChannelSums, norms: readonly Norm[]): number[] {
  const { inputs, outChannels } = sums;
  const known = new Set(norms.map(({ mean }) => mean.length));
  const candidates = [inputs * conv.groups, inputs];
  if (inputs === 1) candidates.push(outChannels, outChannels / 2);
  else if (inputs > 3 && !known.has(inputs) && !isSparse(conv.layout)) candidates.push(...known);
  return [...new Set(candidates)].filter((width) => groupsFor(sums, width) !== null);
}

/** Sparse convolutions have no groups. */
function isSparse(layout: WeightLayout): boolean {
  return layout === '*IO' || layout === 'O*I' || layout === 'IO-flat';
}
