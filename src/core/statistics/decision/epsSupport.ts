import type { EpsSource } from '../../model/layer';
import type { Feed } from '../feeds/feed';
import type { Reading } from '../readings';
import type { Study } from '../recovery/study';
import { isProof } from './proof';

/** Evidence, in nats, by which an eps must lead over every other one before it is believed. */
const CLEAR = 3;

/**
 * Below this much unexplained, readings are not told apart: so much the shape of real distributions takes, which are
 * no normal ones, and behind depthwise convolutions it favours a larger eps in every layer alike.
 */
const RESOLUTION = 0.008;

/** What the running means say about eps, the only number of a BatchNorm that a state_dict leaves out. */
export interface EpsSupport {
  /** By name of the BatchNorm, for those whose own numbers decide. */
  readonly byNorm: ReadonlyMap<string, number>;
  /** The eps that all of them agree on; null when they do not, or none decides. */
  readonly common: number | null;
}

/**
 * Where many channels of a BatchNorm have a variance near eps, its output's spread depends on eps, and with it the
 * means behind the next convolution. Sums that evidence over all proved pairs that a BatchNorm feeds.
 */
export function epsSupport(studies: readonly Study[]): EpsSupport {
  const losses = new Map<string, Map<number, number>>();
  for (const study of studies) {
    const { best } = study;
    if (best?.feed.origin.kind !== 'norm' || best.feed.activation === 'none') continue;
    if (!isProof(study)) continue;
    const readings = byEps(study.singles, best);
    if (readings.size < 2) continue;
    const known = losses.get(best.feed.origin.name) ?? new Map<number, number>();
    const least = Math.min(...Array.from(readings.values(), unexplained));
    for (const [eps, reading] of readings) {
      known.set(eps, (known.get(eps) ?? 0) + Math.log(unexplained(reading) / least));
    }
    losses.set(best.feed.origin.name, known);
  }
  const byNorm = new Map<string, number>();
  for (const [name, lossByEps] of losses) {
    const eps = clearWinner(lossByEps);
    if (eps !== null) byNorm.set(name, eps);
  }
  return { byNorm, common: commonEps(byNorm, losses) };
}

/** Whether the statistics may speak on eps where it comes from `source`: better sources are never overruled. */
export function mayReplaceEps(source: EpsSource): boolean {
  return source === 'default' || source === 'family';
}

function byEps(singles: readonly Reading[], best: Reading): Map<number, Reading> {
  const readings = new Map<number, Reading>();
  for (const reading of singles) {
    if (!isSameButEps(reading.feed, best.feed) || reading.gain !== best.gain) continue;
    if (reading.feed.origin.kind === 'norm') readings.set(reading.feed.origin.eps, reading);
  }
  return readings;
}

function isSameButEps(a: Feed, b: Feed): boolean {
  return (
    a.origin.kind === 'norm' &&
    b.origin.kind === 'norm' &&
    a.origin.name === b.origin.name &&
    a.activation === b.activation &&
    a.via === b.via
  );
}

function unexplained({ fit }: Reading): number {
  return Math.max(1 - fit.share, RESOLUTION);
}

function clearWinner(losses: ReadonlyMap<number, number>): number | null {
  const [first, second] = [...losses].toSorted((a, b) => a[1] - b[1]);
  if (first === undefined || second === undefined) return null;
  return second[1] - first[1] >= CLEAR ? first[0] : null;
}

/** The file's eps: clear when all evidence is taken together, and contradicted by no BatchNorm that decides alone. */
function commonEps(
  byNorm: ReadonlyMap<string, number>,
  losses: ReadonlyMap<string, ReadonlyMap<number, number>>,
): number | null {
  const total = new Map<number, number>();
  for (const lossByEps of losses.values()) {
    for (const [eps, loss] of lossByEps) total.set(eps, (total.get(eps) ?? 0) + loss);
  }
  const eps = clearWinner(total);
  return eps !== null && [...byNorm.values()].every((other) => other === eps) ? eps : null;
}
