import { findModulePairs } from '../src/core/pairing/modules/findModulePairs';
import { testify } from '../src/core/statistics/testify';
import { knownNetworks } from '../test/support/knownNetworks';
import { moduleNetwork } from '../test/support/moduleNetwork';
import { randomlyFilled } from '../test/support/randomValues';

/**
 * Runs the statistical test over all networks whose modules the project knows, with made-up values: every pair must be
 * silent and keep the verdict that names alone give it. Takes some minutes.
 */
const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
const job = { policy: 'all', onProgress: () => undefined, isCancelled: () => false } as const;
const spreads = ['normal', 'positive', 'uniform'] as const;

let pairsTested = 0;
let changed = 0;
let slowest = { name: '', ms: 0 };
const networks = knownNetworks('networks');
networks.forEach(({ source, name, modules }, idx) => {
  const spread = spreads[idx % spreads.length] ?? 'normal';
  const model = randomlyFilled(moduleNetwork(modules), spread);
  const pairing = findModulePairs(model, options);
  const start = performance.now();
  const { pairs } = testify(model, pairing, job).pairing;
  const ms = performance.now() - start;
  if (ms > slowest.ms) slowest = { name, ms };
  const before = new Map(pairing.pairs.map(({ id, verdict }) => [id, verdict]));
  pairsTested += pairs.length;
  for (const { id, verdict, statistics } of pairs) {
    if (statistics?.says === 'silent' && before.get(id) === verdict) continue;
    changed++;
    console.log(`${source}.${name} ${id}: ${verdict}, ${statistics?.sentence ?? ''}`);
  }
});
console.log(
  `${changed} of ${pairsTested} pairs of ${networks.length} networks changed by made-up statistics`,
);
console.log(`slowest: ${slowest.name}, ${(slowest.ms / 1000).toFixed(1)} s`);
