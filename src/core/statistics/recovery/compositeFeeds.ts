import {
  concatenationOf,
  interleavingOf,
  padded,
  shufflesOf,
  sumOf,
  type FeedRecipe,
} from '../feeds/composites';
import { isOfSameLayers, layersOf, type Feed } from '../feeds/feed';
import { identity, type Activation } from '../mathematics/activations';
import type { Reading } from '../readings';
import { groupBy } from '../../pairing/modules/groupBy';
import type { EvidenceBase } from './evidenceBase';
import { KnownFeeds } from './knownFeeds';
import { isPooled, pooled } from './pooledFeeds';
import { looseLinks, recipeThrough, through } from './links';
import { nearest } from './nearest';
import { inputWidths, type Study } from './study';

/** A reading that explains this much is taken as it is; nothing more complicated is tried. */
export const SETTLED = 0.97;

const NEAR_NORMS = 12;
const NEAR_KNOWN = 20;
const NEAR_PARTS = 32;
/** Feeds in front of another convolution that are added. */
const NEAR_STREAMS = 20;
/** Inputs of other layers that are parts besides, of each width. */
const NEAR_INPUTS = 16;
const MAX_PARTS = 4;
/** Parts narrower than this share of the whole are not tried. */
const MAX_RATIO = 16;
const MAX_CONCATENATIONS = 3000;
const MIN_POOLED_CORRELATION = 0.8;
const MAX_POOLED = 4;
/** Rounds over the file: each can build on what the one before has found. */
const MAX_ROUNDS = 4;

/**
 * Explains what single BatchNorms leave unexplained: residual sums, concatenations and channel shuffles, made of
 * BatchNorms near by and of inputs recovered for other layers. `common` are the file's activations. Yields before
 * each study.
 */
export function* tryCompositeFeeds(
  base: EvidenceBase,
  common: readonly Activation[],
): Generator<void, void> {
  const { studies, work } = base;
  const known = new KnownFeeds();
  studies.forEach((study) => {
    known.learnFrom(study);
  });
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let isAnyBetter = false;
    for (const [idx, study] of studies.entries()) {
      if (isSettled(study)) continue;
      yield;
      work.share(2 * studies.length - idx);
      const before = study.best;
      const material = { base, known, common };
      const stages = [
        linearComposites(study, material),
        activatedSums(study, material),
        behindLinks(study, material),
      ];
      const readings = yield* study.consider(stages);
      yield* study.consider([pooledLeaders(readings)]);
      if (study.best === before) continue;
      isAnyBetter = true;
      known.learnFrom(study);
    }
    if (!isAnyBetter) break;
  }
}

/** Sums of feeds that are not quite normal fit a little worse than single ones; more rounds would not better them. */
const SETTLED_COMPOSITE = 0.93;

function isSettled({ best }: Study): boolean {
  if (best === null) return false;
  const { feed, fit } = best;
  // The fitted lift of a max-pooling imitates what a second layer adds.
  if (isPooled(feed)) return false;
  return fit.share >= (feed.origin.kind === 'norm' ? SETTLED : SETTLED_COMPOSITE);
}

/** Composites that correlate well without fitting may have passed a max-pooling. */
function pooledLeaders(readings: readonly Reading[]): Feed[] {
  return readings
    .filter(({ fit }) => fit.correlation >= MIN_POOLED_CORRELATION)
    .toSorted((a, b) => b.fit.correlation - a.fit.correlation)
    .slice(0, MAX_POOLED)
    .flatMap(({ feed }) => pooled(feed));
}

interface Material {
  readonly base: EvidenceBase;
  readonly known: KnownFeeds;
  readonly common: readonly Activation[];
}

/** Inputs of other layers, and sums, shuffles and concatenations as they are. */
function* linearComposites(study: Study, material: Material): Generator<Feed | FeedRecipe> {
  for (const width of study.widthsAmong(material.base.norms)) {
    if (width < 2) continue;
    const streams = streamsNear(study, material, width);
    yield* streams.filter(isComposite);
    yield* sums(streams);
    // Shuffling networks split before a pointwise convolution.
    if (study.sums.planes.length === 1 && study.sums.inputs > 1) yield* shuffles(streams);
    yield* concatenations(study, material, width);
  }
}

/** Sums with an activation behind, which has to be worked out channel by channel for each of them. */
function* activatedSums(study: Study, material: Material): Generator<FeedRecipe> {
  for (const width of study.widthsAmong(material.base.norms)) {
    if (width < 2) continue;
    const streams = streamsNear(study, material, width);
    yield* sumsBefore(streams, material.common);
    yield* shortcutSums(study, streams, material, width);
  }
}

/** Inputs of other layers and sums, plain and activated, in front of another convolution without a BatchNorm. */
function* behindLinks(study: Study, material: Material): Generator<Feed | FeedRecipe> {
  const { base, common } = material;
  for (const link of looseLinks(study.witness, base)) {
    for (const width of inputWidths(link.conv, link.sums, base.norms)) {
      const streams = streamsNear(study, material, width)
        .toSorted((a, b) => distance(a, study) - distance(b, study))
        .slice(0, NEAR_STREAMS);
      yield* through(link, streams.filter(isComposite));
      for (const sum of sums(streams)) yield recipeThrough(link, sum);
      for (const sum of sumsBefore(streams, common)) yield recipeThrough(link, sum);
    }
  }
}

/** Feeds of a width that may be added or mixed: BatchNorms near by, plain and activated, and known inputs. */
function streamsNear(study: Study, { base, known, common }: Material, width: number): Feed[] {
  const single = nearest(base.norms, study, width, NEAR_NORMS).flatMap((norm) =>
    base.feeds.plainAnd(norm, common),
  );
  const own = study.norm.layer.name;
  const found = known
    .nearest(width, study.order, NEAR_KNOWN)
    // What comes from a BatchNorm cannot come before it.
    .filter((feed) => !layersOf(feed).includes(own));
  const all = [...found, ...single];
  return [...new Map(all.map((feed) => [feed.key, feed])).values()];
}

function* sums(streams: readonly Feed[]): Generator<FeedRecipe> {
  for (const [a, b] of couples(streams)) yield sumOf(a, b, identity);
}

/** Sums in front of each of `chosen`. The sum of two activated values is activated already. */
function* sumsBefore(
  streams: readonly Feed[],
  chosen: readonly Activation[],
): Generator<FeedRecipe> {
  for (const [a, b] of couples(streams)) {
    if (a.activation !== identity.name && b.activation !== identity.name) continue;
    for (const activation of chosen) yield sumOf(a, b, activation);
  }
}

function isComposite({ origin }: Feed): boolean {
  return 'parts' in origin;
}

/** Two feeds each; no network adds or mixes two versions of the same layers. */
function* couples(feeds: readonly Feed[]): Generator<readonly [Feed, Feed]> {
  for (const [idx, a] of feeds.entries()) {
    for (const b of feeds.slice(idx + 1)) if (!isOfSameLayers(a, b)) yield [a, b];
  }
}

function* shortcutSums(
  study: Study,
  streams: readonly Feed[],
  material: Material,
  width: number,
): Generator<FeedRecipe> {
  const branches = streams.filter(({ activation }) => activation === 'none');
  for (const narrow of streamsNear(study, material, width / 2)) {
    for (const shortcut of padded(narrow, width)) {
      for (const branch of branches) {
        for (const activation of material.common) yield sumOf(shortcut, branch, activation);
      }
    }
  }
}

function* shuffles(streams: readonly Feed[]): Generator<FeedRecipe> {
  // Branches end in an activation before they are shuffled.
  const ends = streams.filter(
    ({ activation, origin }) => activation !== identity.name || origin.kind !== 'norm',
  );
  for (const [a, b] of couples(ends)) {
    yield* shufflesOf(a, b);
    yield* shufflesOf(b, a);
  }
}

/** Concatenations of two to four feeds that fill the width; two in any order, more in the file's order. */
function* concatenations(study: Study, material: Material, width: number): Generator<FeedRecipe> {
  const widths = new Set(material.base.norms.map(({ mean }) => mean.length));
  const candidates = [...widths]
    .filter((part) => part < width && part * MAX_RATIO >= width)
    .flatMap((part) => streamsNear(study, material, part))
    .toSorted((a, b) => distance(a, study) - distance(b, study));
  // What passes a part of the network by is often such an input, and from far away.
  const far = groupBy(candidates.slice(NEAR_PARTS).filter(isComposite), ({ mean }) =>
    String(mean.length),
  );
  const inputs = [...far.values()].flatMap((alike) => alike.slice(0, NEAR_INPUTS));
  const parts = [...candidates.slice(0, NEAR_PARTS), ...inputs];
  for (const a of parts) {
    for (const b of parts) {
      if (!isOfSameLayers(a, b) && a.mean.length * 2 === width && b.mean.length * 2 === width) {
        yield interleavingOf(a, b);
      }
    }
  }
  let made = 0;
  const grow = function* (chosen: readonly Feed[], missing: number): Generator<FeedRecipe> {
    if (missing === 0) {
      made++;
      yield concatenationOf(chosen);
      return;
    }
    if (chosen.length === MAX_PARTS) return;
    const last = chosen.at(-1);
    for (const part of parts) {
      if (made >= MAX_CONCATENATIONS) return;
      const isNew = chosen.every((other) => !isOfSameLayers(other, part));
      if (part.mean.length > missing || !isNew) continue;
      const isInOrder = last === undefined || part.order > last.order;
      if (isInOrder || (chosen.length === 1 && part.mean.length === missing)) {
        yield* grow([...chosen, part], missing - part.mean.length);
      }
    }
  };
  yield* grow([], width);
}

/** How far a feed lies from the convolution; what is registered behind it counts double, because less often it feeds it. */
function distance(feed: Feed, study: Study): number {
  const steps = study.order - feed.order;
  return steps >= 0 ? steps : -2 * steps;
}
