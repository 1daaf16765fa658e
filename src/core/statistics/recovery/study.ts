import type { ConvLayer, WeightLayout } from '../../model/layer';
import type { FeedRecipe } from '../feeds/composites';
import type { Feed } from '../feeds/feed';
import { predictedMeans } from '../fit';
import type { Norm } from '../norm';
import { bestReading, groupsFor, predictionOf, readAll, type Reading } from '../readings';
import { POOLED } from './pooledFeeds';
import { pickMeans, type StoredMeans } from '../storedMeans';
import type { ChannelSums } from '../weights/channelSums';

/** Rows on which many hypotheses are sifted before the best are judged on all rows. */
const SIFT_ROWS = 48;
/** Multiplications per hypothesis above which sifting pays. */
const SIFT_ABOVE = 3e4;
/** Hypotheses that survive the sifting. */
const SIFT_KEEP = 8;

/** Readings kept of many, by each of two measures. */
const MAX_LEADERS = 8;

/**
 * A more complicated explanation replaces a simpler one when it leaves at most this share of what the simpler one
 * left unexplained.
 */
const WORTH_IT = 0.6;

/** What a reading with borrowed unknowns must explain to be preferred to one with fitted ones. */
const MIN_SHARED_SHARE = 0.8;

/** One convolution held against one BatchNorm: what was tried, and what explains the stored means best. */
export class Study {
  best: Reading | null = null;
  /** Hypotheses tried so far; a proof must survive them all. */
  tried = 0;
  /** Whether the layer of the best reading is surely the predecessor; a pair can be proved without it. */
  isPredecessorSure = true;
  /** Readings of single BatchNorms by activation, kept for the vote on the file's activation. */
  singles: readonly Reading[] = [];
  /** The leading readings of sums, concatenations and the like. */
  composites: readonly Reading[] = [];
  private readonly heard = new Set<string>();
  private readonly sifted: { readonly sums: ChannelSums; readonly stored: StoredMeans };

  constructor(
    /** Id of the pair; '' for a combination that is no pair yet. */
    readonly id: string,
    readonly conv: ConvLayer,
    readonly norm: Norm,
    readonly order: number,
    readonly sums: ChannelSums,
    readonly bias: Float64Array | null,
    readonly stored: StoredMeans,
  ) {
    this.sifted = everyFew(sums, stored);
  }

  /** What the best reading explains; −1 without any. */
  get share(): number {
    return this.best?.fit.share ?? -1;
  }

  /**
   * Numbers of input channels this convolution may have, of the widths that `norms` have. A state_dict does not say
   * in how many groups a convolution works: depthwise (also with a multiplier of 2) where it sees one channel, and
   * other groups where no BatchNorm is as narrow as what it sees. Two or three inputs are an image's, not a group's.
   */
  widthsAmong(norms: readonly Norm[]): number[] {
    const { inputs, outChannels } = this.sums;
    const known = new Set(norms.map(({ mean }) => mean.length));
    const candidates = [inputs * this.conv.groups, inputs];
    if (inputs === 1) candidates.push(outChannels, outChannels / 2);
    else if (inputs > 3 && !known.has(inputs) && !isSparse(this.conv.layout)) {
      candidates.push(...known);
    }
    return [...new Set(candidates)].filter((width) => groupsFor(this.sums, width) !== null);
  }

  /** Tries feeds that were not tried yet and keeps the best reading. Returns all readings made on all rows. */
  considerEach(feeds: Iterable<Feed>): Reading[] {
    const fresh = [...this.fresh(feeds)];
    const readings = readAll(this.sums, this.stored, this.isLarge ? this.sift(fresh) : fresh);
    const found = bestReading(readings);
    if (found !== null && this.isBetter(found)) this.best = found;
    return readings;
  }

  /** The same for feeds by the thousand, of which only the leading readings are kept and returned. */
  consider(recipes: Iterable<Feed | FeedRecipe>): Reading[] {
    const { sums, stored } = this.isLarge ? this.sifted : this;
    let leaders: Reading[] = [];
    for (const feed of this.fresh(recipes)) {
      leaders.push(...readAll(sums, stored, [feed]));
      if (leaders.length > 4 * MAX_LEADERS) leaders = leading(leaders);
    }
    const kept = leading(leaders);
    const readings = this.isLarge
      ? readAll(this.sums, this.stored, [...new Set(kept.map(({ feed }) => feed))])
      : kept;
    const found = bestReading(readings);
    if (found !== null && this.isBetter(found)) this.best = found;
    this.composites = leading([...this.composites, ...readings]);
    return readings;
  }

  private *fresh(recipes: Iterable<Feed | FeedRecipe>): Generator<Feed> {
    for (const recipe of recipes) {
      if (this.heard.has(recipe.key)) continue;
      this.heard.add(recipe.key);
      this.tried += this.sums.gains.length;
      yield 'make' in recipe ? recipe.make() : recipe;
    }
  }

  /** Whether reading a feed on all rows costs so much that a few rows are read first. */
  private get isLarge(): boolean {
    const { rows, inputs, planes } = this.sums;
    return rows.length > SIFT_ROWS && rows.length * inputs * planes.length > SIFT_ABOVE;
  }

  /** Takes a reading made elsewhere into account. */
  offer(reading: Reading): void {
    if (this.heard.has(reading.feed.key)) return;
    this.heard.add(reading.feed.key);
    this.tried++;
    if (this.isBetter(reading)) this.best = reading;
  }

  /** Takes a reading with fewer unknowns into account: it is better when it is less likely to be chance. */
  offerShared(reading: Reading): void {
    this.tried++;
    const { best } = this;
    const isSurer = best === null || reading.fit.logProbability < best.fit.logProbability;
    if (isSurer && reading.fit.share >= MIN_SHARED_SHARE) this.best = reading;
  }

  private isBetter(found: Reading): boolean {
    if (this.best === null) return true;
    // A pooling's fitted lift is no simpler than a sum.
    const factor = this.best.feed.via === POOLED ? 1 : WORTH_IT;
    return 1 - found.fit.share < factor * (1 - this.best.fit.share);
  }

  private sift(feeds: readonly Feed[]): Feed[] {
    const ranked = readAll(this.sifted.sums, this.sifted.stored, feeds)
      .toSorted((a, b) => b.fit.share - a.fit.share)
      .map(({ feed }) => feed);
    // The layer that leads stays with all its activations, which have to be compared.
    const kept = ranked.filter((feed, rank) => rank < SIFT_KEEP || feed.order === ranked[0]?.order);
    return [...new Set(kept)];
  }

  /** Running means of the kept channels as a reading predicts them, bias included. */
  predictedBy(reading: Reading): Float64Array {
    const { fit, gain } = reading;
    const means = predictedMeans(predictionOf(this.sums, reading), fit, gain);
    return means.map((mean, row) => mean + (this.bias?.[this.sums.rows[row] ?? 0] ?? 0));
  }
}

/** The readings that explain most, and those that correlate best. */
function leading(readings: readonly Reading[]): Reading[] {
  const byShare = readings.toSorted((a, b) => b.fit.share - a.fit.share);
  const byCorrelation = readings.toSorted((a, b) => b.fit.correlation - a.fit.correlation);
  return [...new Set([...byShare.slice(0, MAX_LEADERS), ...byCorrelation.slice(0, MAX_LEADERS)])];
}

/** Sparse convolutions have no groups. */
function isSparse(layout: WeightLayout): boolean {
  return layout === '*IO' || layout === 'O*I' || layout === 'IO-flat';
}

function everyFew(
  sums: ChannelSums,
  stored: StoredMeans,
): { sums: ChannelSums; stored: StoredMeans } {
  const { rows, inputs } = sums;
  if (rows.length <= SIFT_ROWS) return { sums, stored };
  const kept = Array.from({ length: SIFT_ROWS }, (_, idx) =>
    Math.floor((idx * rows.length) / SIFT_ROWS),
  );
  const planes = sums.planes.map((plane) => {
    const few = new Float32Array(SIFT_ROWS * inputs);
    kept.forEach((row, idx) => {
      few.set(plane.subarray(row * inputs, (row + 1) * inputs), idx * inputs);
    });
    return few;
  });
  return {
    sums: { ...sums, rows: Int32Array.from(kept, (row) => rows[row] ?? 0), planes },
    stored: pickMeans(stored, kept),
  };
}
