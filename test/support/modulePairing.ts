import type { Pair, Pairing } from '../../src/core/model/pair';
import { findModulePairs } from '../../src/core/pairing/modules/findModulePairs';
import type { PairingOptions } from '../../src/core/pairing/pairingOptions';
import { moduleModel, moduleNetwork, type ModuleSketch } from './moduleNetwork';

type NetworkOptions = Parameters<typeof moduleNetwork>[1];

/** What a user gets who chooses nothing. */
export const defaultOptions: PairingOptions = {
  policy: 'bevfusion',
  eps: [],
  layout: 'auto',
  structure: null,
};

/** Pairs of a sketched network. */
export function pairsOf(
  sketches: readonly ModuleSketch[],
  options: Partial<PairingOptions> = {},
  network: NetworkOptions = {},
): Pairing {
  const model = moduleModel(moduleNetwork(sketches, network));
  return findModulePairs(model, { ...defaultOptions, ...options });
}

/** `conv → bn verdict CODE CODE` of every pair, notes about layouts aside; short enough to compare whole networks by. */
export function summaryOf({ pairs }: Pairing): string[] {
  return pairs.map(({ conv, bn, verdict, reasons }) => {
    const codes = reasons.map(({ code }) => code).filter((code) => code !== 'LAYOUT_FOUND');
    return [`${conv.name} → ${bn.name}`, verdict, ...codes].join(' ');
  });
}

/** The pair of a convolution; fails when there is none. */
export function pairAt({ pairs }: Pairing, id: string): Pair {
  const found = pairs.find((pair) => pair.id === id);
  if (found === undefined) {
    throw new Error(`no pair ${id} among ${pairs.map((pair) => pair.id).join(', ')}`);
  }
  return found;
}
