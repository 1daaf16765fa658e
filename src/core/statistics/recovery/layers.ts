import { mirrored } from '../feeds/composites';
import { normFeed, type Feed } from '../feeds/feed';
import { rectifier } from '../mathematics/activations';
import type { Norm } from '../norm';
import type { Reading } from '../readings';
import type { EvidenceBase } from './evidenceBase';
import { looseLinks } from './links';
import { nearest } from './nearest';
import { inputWidths } from './study';
import type { Witness } from './witness';

/** A layer that may be a convolution's input, with everything that may be applied to its output. */
export interface Layer {
  readonly key: string;
  readonly order: number;
  readonly norm: Norm;
  /** Number of `feeds()`. */
  readonly feedCount: number;
  /** A few feeds of different kinds, by which the layer is told from others. */
  scouts(): readonly Feed[];
  feeds(): readonly Feed[];
}

/** BatchNorms tried in front of one convolution: those of the right width, nearest in the file's order first. */
const MAX_NEIGHBOURS = 48;

/** The same in front of another convolution without a BatchNorm. */
const NEAR_NORMS = 24;

/** Every single BatchNorm of the right width in front of a convolution. */
export function singleLayers(witness: Witness, { norms, feeds }: EvidenceBase): Layer[] {
  const widths = inputWidths(witness.conv, witness.sums, norms);
  const of = (width: number): Norm[] => nearest(norms, witness, width, MAX_NEIGHBOURS);
  return [
    ...widths.flatMap(of).map((norm) => feeds.layerOf(norm)),
    ...widths.flatMap((width) => of(width / 2)).map(mirroredLayer),
  ];
}

function mirroredLayer(norm: Norm): Layer {
  const make = (): Feed[] => [mirrored(normFeed(norm), rectifier('relu', 0))];
  const key = `±n${norm.order}`;
  return { key, order: norm.order, norm, feedCount: 1, scouts: make, feeds: make };
}

/** Single BatchNorms behind another convolution, without a BatchNorm between the two. */
export function chainLayers(witness: Witness, base: EvidenceBase): Layer[] {
  return looseLinks(witness, base).flatMap((link) => {
    const widths = inputWidths(link.conv, link.sums, base.norms);
    const norms = widths.flatMap((width) => nearest(base.norms, witness, width, NEAR_NORMS));
    return norms.map((norm) => base.feeds.behind(link, norm));
  });
}

/** Layers whose feeds are all tried, of those that explain most and of those that correlate best. */
const SHORTLIST = 8;

/**
 * The layers that promise most by the readings of their scouts, and the one registered last before the convolution,
 * which must not be overlooked.
 */
export function shortlist(
  scouted: ReadonlyMap<Layer, readonly Reading[]>,
  order: number,
): ReadonlySet<Layer> {
  const best = (measure: (reading: Reading) => number): Layer[] =>
    Array.from(scouted, ([layer, readings]) => ({
      layer,
      most: Math.max(-Infinity, ...readings.map(measure)),
    }))
      .toSorted((a, b) => b.most - a.most)
      .slice(0, SHORTLIST)
      .map(({ layer }) => layer);
  const before = [...scouted.keys()].filter((layer) => layer.order < order);
  const last = Math.max(-1, ...before.map((layer) => layer.order));
  return new Set([
    ...best(({ fit }) => fit.share),
    ...best(({ fit }) => fit.correlation),
    ...before.filter((layer) => layer.order === last),
  ]);
}
