import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elementCount } from '../../../../src/core/model/tensor';
import { findModulePairs } from '../../../../src/core/pairing/modules/findModulePairs';
import { testify } from '../../../../src/core/statistics/testify';
import { knownNetworks } from '../../../support/knownNetworks';
import { moduleNetwork } from '../../../support/moduleNetwork';
import { randomlyFilled } from '../../../support/randomValues';

/** The others take minutes: `npm run bench -- random-statistics` has them all. */
const MAX_ELEMENTS = 1_200_000;

const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
const job = { policy: 'all', onProgress: () => undefined, isCancelled: () => false } as const;

const spreads = ['normal', 'positive', 'uniform'] as const;

test('changes no verdict of real networks whose statistics are made up', () => {
  const networks = knownNetworks('networks')
    .map(({ name, modules }) => ({ name, network: moduleNetwork(modules) }))
    .filter(({ network }) => {
      const tensors = network.modules.flatMap((module) => [...module.tensors.values()]);
      return tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0) <= MAX_ELEMENTS;
    });
  assert.ok(networks.length >= 10, String(networks.length));
  networks.forEach(({ name, network }, idx) => {
    const model = randomlyFilled(network, spreads[idx % spreads.length] ?? 'normal');
    const pairing = findModulePairs(model, options);
    const { pairs } = testify(model, pairing, job).pairing;
    assert.deepEqual(
      pairs.map(({ id, verdict }) => `${id} ${verdict}`),
      pairing.pairs.map(({ id, verdict }) => `${id} ${verdict}`),
      name,
    );
    const said = new Set(pairs.map(({ statistics }) => statistics?.says));
    assert.deepEqual([...said], ['silent'], name);
  });
});
