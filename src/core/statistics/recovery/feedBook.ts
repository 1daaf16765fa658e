import { activated, normFeed, type Feed } from '../feeds/feed';
import { activations, identity, rectifier, type Activation } from '../mathematics/activations';
import { outputStd, type Norm } from '../norm';

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

/** The feeds that single BatchNorms make, worked out once for all convolutions they are tried on. */
export class FeedBook {
  private readonly byNorm = new Map<Norm, readonly Feed[]>();

  constructor(private readonly slopes: readonly SlopeVector[]) {}

  /** The norm's output with every activation and, where it makes a difference, every customary eps. */
  of(norm: Norm): readonly Feed[] {
    const known = this.byNorm.get(norm);
    if (known !== undefined) return known;
    const feeds = epsWorthTrying(norm).flatMap((eps) => this.feedsWith(norm, eps));
    this.byNorm.set(norm, feeds);
    return feeds;
  }

  /** The norm's output with its own eps, plain and after each of `chosen`. */
  plainAnd(norm: Norm, chosen: readonly Activation[]): Feed[] {
    const names = new Set([identity.name, ...chosen.map(({ name }) => name)]);
    return this.of(norm).filter(({ activation, origin }) => {
      const isOwnEps = origin.kind === 'norm' && origin.eps === norm.layer.eps;
      return isOwnEps && names.has(activation);
    });
  }

  private feedsWith(norm: Norm, eps: number): Feed[] {
    const feed = normFeed(norm, eps);
    const own = this.parametricRelu(norm);
    const tried = own === null ? activations : [...activations, own];
    // Without an activation the mean is beta, whatever eps is.
    const plain = eps === norm.layer.eps ? [activated(feed, identity)] : [];
    return [...plain, ...tried.map((activation) => activated(feed, activation))];
  }

  /** The PReLU registered right after the BatchNorm, if its slopes fit; one slope per channel, or one for all. */
  private parametricRelu(norm: Norm): Activation | null {
    const next = this.slopes.find(({ order }) => order > norm.order);
    if (next === undefined || next.order > norm.order + 2) return null;
    if (next.slopes.length !== 1 && next.slopes.length !== norm.mean.length) return null;
    return parametric(next.slopes);
  }
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
    moments: (mean, std, channel) => of(channel).moments(mean, std, channel),
  };
}
