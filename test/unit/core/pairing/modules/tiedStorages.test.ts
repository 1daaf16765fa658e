import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Module } from '../../../../../src/core/model/network';
import { findModulePairs } from '../../../../../src/core/pairing/modules/findModulePairs';
import { batchNorm, moduleModel, moduleNetwork } from '../../../../support/moduleNetwork';
import { defaultOptions, summaryOf } from '../../../../support/modulePairing';

const network = moduleNetwork([
  ['a.conv', { weight: [8, 4, 3, 3] }],
  ['a.bn', batchNorm(8)],
  ['b.conv', { weight: [8, 4, 3, 3] }],
  ['b.bn', batchNorm(8)],
]);

/** The network with modules of `b` lying where those of `a` lie. */
function tied(...names: readonly string[]): readonly string[] {
  const modules = network.modules.map((module): Module => {
    const [block, name = ''] = module.path.split('.');
    const twin = network.modules.find(({ path }) => path === `a.${name}`);
    if (block !== 'b' || twin === undefined || !names.includes(name)) return module;
    const tensors = [...module.tensors].map(([leaf, tensor]) => {
      const location = twin.tensors.get(leaf)?.location ?? tensor.location;
      return [leaf, { ...tensor, location }] as const;
    });
    return { ...module, tensors: new Map(tensors) };
  });
  return summaryOf(findModulePairs(moduleModel({ ...network, modules }), defaultOptions));
}

describe('tied storages', () => {
  test('block both pairs when one weight has two BatchNorms', () => {
    assert.deepEqual(tied('conv'), [
      'a.conv → a.bn blocked SHARED_WEIGHT_TIED',
      'b.conv → b.bn blocked SHARED_WEIGHT_TIED',
    ]);
  });

  test('of whole pairs, a module under two names, fold alike and stay', () => {
    assert.deepEqual(tied('conv', 'bn'), ['a.conv → a.bn fusable', 'b.conv → b.bn fusable']);
  });

  test('of BatchNorms alone do not matter: their values are only read', () => {
    assert.deepEqual(tied('bn'), ['a.conv → a.bn fusable', 'b.conv → b.bn fusable']);
  });
});
