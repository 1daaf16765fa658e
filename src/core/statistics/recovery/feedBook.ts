import { activated, lazily, normFeed, type Feed } from '../feeds/feed';
import { activations, identity, rectifier, type Activation } from '../mathematics/activations';
import { outputStd, type Norm } from '../norm';
import type { Layer } from './layers';
import { through } from './links';
import type { Witness } from './witness';

/** A parametric ReLU's slopes, [C] or [1]. */
export interface SlopeVector {
  readonly name: string;
  readonly order: number;
  readonly slopes: Float64Array;
}

/** Values of eps that frameworks and model families use. */
export const customaryEps: readonly number[] = [1e-5, 1e-4, 1e-3];

/** Channels whose spread eps must change noticeably before a second eps is worth trying. */
const EPS_MATTERS_SHARE = 0.1;
const EPS_MATTERS_CHANGE = 0.05;

/** Activations, beside none, by which layers are told from one another; every other one is near one of these. */
const SCOUTS = ['relu', 'silu'];

/** The feeds that single BatchNorms make, worked out once for all convolutions they are tried on. */
export class FeedBook {
  private readonly byNorm = new Map<Norm, Layer>();
  private readonly chains = new Map<string, Layer>();
  private readonly byActivation = new Map<Norm, Map<string, Feed>>();

  constructor(private readonly slopes: readonly SlopeVector[]) {}

  /** The norm's output with every activation and, where it makes a difference, every customary eps. */
  layerOf(norm: Norm): Layer {
    const known = this.byNorm.get(norm);
    if (known !== undefined) return known;
    const own = this.parametricRelu(norm);
    const tried = own === null ? activations : [...activations, own];
    const everyEps = epsWorthTrying(norm);
    const scouts = activations.filter(({ name }) => SCOUTS.includes(name));
    const layer: Layer = {
      key: `n${norm.order}`,
      order: norm.order,
      norm,
      feedCount: 1 + everyEps.length * tried.length,
      scouts: lazily(() => this.plainAnd(norm, scouts)),
      feeds: lazily(() =>
        everyEps.flatMap((eps) =>
          eps === norm.layer.eps ? this.plainAnd(norm, tried) : activatedWith(norm, eps, tried),
        ),
      ),
    };
    this.byNorm.set(norm, layer);
    return layer;
  }

  /** The norm's output after the convolution `link`, with nothing between but an activation. */
  behind(link: Witness, norm: Norm): Layer {
    const layer = this.layerOf(norm);
    const key = `${link.conv.name}(${layer.key})`;
    const known = this.chains.get(key);
    if (known !== undefined) return known;
    const chain: Layer = {
      ...layer,
      key,
      scouts: lazily(() => through(link, layer.scouts())),
      feeds: lazily(() => through(link, layer.feeds())),
    };
    this.chains.set(key, chain);
    return chain;
  }

  /** The norm's output with its own eps, plain and after each of `chosen`. */
  plainAnd(norm: Norm, chosen: readonly Activation[]): Feed[] {
    const known = this.byActivation.get(norm) ?? new Map<string, Feed>();
    this.byActivation.set(norm, known);
    return [identity, ...chosen].map((activation) => {
      const feed = known.get(activation.name) ?? activated(normFeed(norm), activation);
      known.set(activation.name, feed);
      return feed;
    });
  }

  /** The PReLU registered right after the BatchNorm, if its slopes fit; one slope per channel, or one for all. */
  private parametricRelu(norm: Norm): Activation | null {
    const next = this.slopes.find(({ order }) => order > norm.order);
    if (next === undefined || next.order > norm.order + 2) return null;
    if (next.slopes.length !== 1 && next.slopes.length !== norm.mean.length) return null;
    return parametric(next.slopes);
  }
}

/** The norm's output with another eps. Without an activation its mean is beta, whatever eps is. */
function activatedWith(norm: Norm, eps: number, tried: readonly Activation[]): Feed[] {
  const feed = normFeed(norm, eps);
  return tried.map((activation) => activated(feed, activation));
}

/** The layer's own eps, and the customary ones if one of them would change the spread of enough channels to be told. */
export function epsWorthTrying(norm: Norm): number[] {
  const own = norm.layer.eps;
  const std = outputStd(norm, own);
  const others = customaryEps.filter((eps) => eps !== own);
  const isTold = others.some((eps) => {
    const changed = outputStd(norm, eps).filter((value, channel) => {
      const known = std[channel] ?? 0;
      return Math.abs(value - known) > EPS_MATTERS_CHANGE * Math.max(value, known);
    });
    return changed.length > EPS_MATTERS_SHARE * norm.mean.length;
  });
  return isTold ? [own, ...others] : [own];
}

function parametric(slopes: Float64Array): Activation {
  const byChannel = Array.from(slopes, (slope) => rectifier('prelu', slope));
  const of = (channel: number): Activation => byChannel[channel] ?? byChannel[0] ?? identity;
  return {
    name: 'prelu',
    apply: (z, channel) => of(channel).apply(z, channel),
    expectation: (mean, std, channel) => of(channel).expectation(mean, std, channel),
    moments: (mean, std, channel) => of(channel).moments(mean, std, channel),
  };
}
