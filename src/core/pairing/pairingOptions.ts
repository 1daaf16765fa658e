import type { ModuleNetwork } from '../model/network';
import type { Policy } from '../model/pair';

/** What a user may decide about how pairs are found. */
export interface PairingOptions {
  readonly policy: Policy;
  /** eps by prefix of the BatchNorm's name; the longest match wins, prefix '' is the value for all. */
  readonly eps: readonly { readonly prefix: string; readonly value: number }[];
  /** How sparse weights are laid out; `auto` finds out from the file. */
  readonly layout: 'auto' | 'spconv1' | 'spconv2';
  /** A listing of the same network, which tells classes and attributes a checkpoint lacks; null without one. */
  readonly structure: ModuleNetwork | null;
}

/** The user's eps for a BatchNorm, or null when none of the prefixes matches. */
export function userEps(options: PairingOptions, bnName: string): number | null {
  const matches = options.eps.filter(({ prefix }) => bnName.startsWith(prefix));
  const [best] = matches.toSorted((a, b) => b.prefix.length - a.prefix.length);
  return best?.value ?? null;
}
