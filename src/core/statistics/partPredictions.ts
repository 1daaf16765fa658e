import type { FeedRecipe, PlacedFeed } from './feeds/composites';
import type { Feed } from './feeds/feed';
import { fitPrediction, fitScaled, type Fit } from './fit';
import { predictMeans } from './kernels/predictMeans';
import { addScaled, scaled } from './kernels/vectors';
import { groupsFor, predictionOfPlanes } from './readings';
import type { StoredMeans } from './storedMeans';
import type { ChannelSums } from './weights/channelSums';

/** A recipe that `PartPredictions` serves. */
type RecipeOfParts = FeedRecipe & { readonly parts: readonly PlacedFeed[] };

/**
 * Fits feeds that are put together from others. What a convolution makes of each part at its place is worked out once,
 * so that a sum or a concatenation costs an addition instead of a multiplication by the whole weight.
 */
export class PartPredictions {
  /** Per plane, in standard deviations of the channels. */
  private readonly byPlace = new Map<string, readonly Float64Array[]>();
  private readonly totals: readonly Float64Array[];

  constructor(
    private readonly sums: ChannelSums,
    private readonly stored: StoredMeans,
  ) {
    this.totals = sums.planes.map(() => new Float64Array(sums.rows.length));
  }

  /** Whether the recipe's parts are known, and the convolution sees all channels at once. */
  serves(recipe: Feed | FeedRecipe): recipe is RecipeOfParts {
    const isWhole = 'make' in recipe && groupsFor(this.sums, recipe.width) === 1;
    return isWhole && recipe.parts !== null;
  }

  /** How well the sum of the parts explains the stored means, at each gain the convolution may have. */
  fits({ parts }: RecipeOfParts): Fit[] {
    const { sums, stored, totals } = this;
    for (const total of totals) total.fill(0);
    for (const part of parts) {
      this.of(part).forEach((plane, idx) => {
        const total = totals[idx];
        if (total !== undefined) addScaled(total, plane, 1);
      });
    }
    const prediction = predictionOfPlanes(sums, totals);
    if (sums.gains.length === 1) return [fitScaled(stored, prediction)];
    const plain = { ...stored, scale: stored.scale.map((inverse) => (inverse > 0 ? 1 : 0)) };
    return sums.gains.map((gain) => fitPrediction(plain, prediction, gain));
  }

  private of({ feed, at }: PlacedFeed): readonly Float64Array[] {
    const key = `${feed.key}@${at}`;
    const known = this.byPlace.get(key);
    if (known !== undefined) return known;
    const { rows, places, inputs, outChannels, planes } = this.sums;
    const place = { channelsPerGroup: outChannels, from: at, count: feed.mean.length };
    const made = planes
      .flatMap((plane) => predictMeans({ plane, rows, places, inputs, ...place }, [feed.mean]))
      .map((means) => scaled(means, 1, this.stored.scale));
    this.byPlace.set(key, made);
    return made;
  }
}
