import type { ConvLayer } from '../../model/layer';
import type { FeedRecipe } from '../feeds/composites';
import type { Feed } from '../feeds/feed';
import { fitPrediction, predictedMeans, type StoredMeans } from '../fit';
import type { Norm } from '../norm';
import { bestReading, groupsFor, predict, readAll, type Reading } from '../readings';
import type { ChannelSums } from '../weights/channelSums';

/** Rows on which many hypotheses are sifted before the best are judged on all rows. */
const SIFT_ROWS = 48;
/** Multiplications above which sifting pays. */
const SIFT_ABOVE = 4e6;
/** Hypotheses that survive the sifting. */
const SIFT_KEEP = 8;

/**
 * A more complicated explanation replaces a simpler one when it leaves at most this share of what the simpler one
 * left unexplained.
 */
const WORTH_IT = 0.6;

/** One convolution held against one BatchNorm: what was tried, and what explains the stored means best. */
export class Study {
  best: Reading | null = null;
  /** Hypotheses tried so far; a proof must survive them all. */
  tried = 0;
  /** Whether the layer of the best reading is surely the predecessor; a pair can be proved without it. */
  isPredecessorSure = true;
  /** Readings of single BatchNorms by activation, kept for the vote on the file's activation. */
  singles: readonly Reading[] = [];
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
    else if (inputs > 3 && !known.has(inputs)) candidates.push(...known);
    return [...new Set(candidates)].filter((width) => groupsFor(this.sums, width) !== null);
  }

  /** Tries feeds that were not tried yet and keeps the best reading. Returns the readings made on all rows. */
  consider(recipes: Iterable<Feed | FeedRecipe>): Reading[] {
    const fresh: Feed[] = [];
    for (const recipe of recipes) {
      if (this.heard.has(recipe.key)) continue;
      this.heard.add(recipe.key);
      fresh.push('make' in recipe ? recipe.make() : recipe);
    }
    this.tried += fresh.length * this.sums.gains.length;
    const readings = readAll(this.sums, this.stored, this.sift(fresh));
    const found = bestReading(readings);
    if (found !== null && this.isBetter(found)) this.best = found;
    return readings;
  }

  /** Takes a reading made elsewhere into account. */
  offer(reading: Reading): void {
    this.tried++;
    if (this.isBetter(reading)) this.best = reading;
  }

  private isBetter(found: Reading): boolean {
    if (this.best === null) return true;
    return 1 - found.fit.share <= WORTH_IT * (1 - this.best.fit.share);
  }

  private sift(feeds: Feed[]): Feed[] {
    const { rows, inputs, planes } = this.sums;
    const cost = feeds.length * rows.length * inputs * planes.length;
    if (cost < SIFT_ABOVE || feeds.length <= SIFT_KEEP || rows.length <= SIFT_ROWS) return feeds;
    return readAll(this.sifted.sums, this.sifted.stored, feeds)
      .toSorted((a, b) => b.fit.share - a.fit.share)
      .slice(0, SIFT_KEEP)
      .map(({ feed }) => feed);
  }

  /** How well another feed would do, without keeping it; null when its channels do not fit. */
  reading(feed: Feed, gain: number): Reading | null {
    const prediction = predict(this.sums, feed);
    if (prediction === null) return null;
    return { feed, gain, prediction, fit: fitPrediction(this.stored, prediction, gain) };
  }

  /** Predicted running means of the kept channels, bias included; null without any reading. */
  predicted(): Float64Array | null {
    if (this.best === null) return null;
    const { prediction, fit, gain } = this.best;
    const means = predictedMeans(prediction, fit, gain);
    return means.map((mean, row) => mean + (this.bias?.[this.sums.rows[row] ?? 0] ?? 0));
  }
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
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(kept, (row) => values[row] ?? 0);
  const planes = sums.planes.map((plane) => {
    const few = new Float32Array(SIFT_ROWS * inputs);
    kept.forEach((row, idx) => {
      few.set(plane.subarray(row * inputs, (row + 1) * inputs), idx * inputs);
    });
    return few;
  });
  const scale = pick(stored.scale);
  return {
    sums: { ...sums, rows: Int32Array.from(kept, (row) => rows[row] ?? 0), planes },
    stored: { values: pick(stored.values), scale, count: scale.filter((x) => x > 0).length },
  };
}
