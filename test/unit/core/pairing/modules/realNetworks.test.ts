import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knownNetworks, scoreOf, totalOf, withClasses } from '../../../../support/knownNetworks';
import { moduleNetwork } from '../../../../support/moduleNetwork';
import { pairsOf } from '../../../../support/modulePairing';

describe('pairing the modules of real networks', () => {
  for (const { file, ordered, sorted } of [
    { file: 'networks', ordered: 0.99, sorted: 0.97 },
    { file: 'more', ordered: 0.98, sorted: 0.97 },
  ] as const) {
    const networks = knownNetworks(file);

    test(`finds ${100 * ordered} % of ${file} by names and order, and no wrong pair`, () => {
      const total = totalOf(networks.map((each) => scoreOf(each, pairsOf(each.modules))));
      assert.deepEqual(total.wrong, []);
      assert.ok(total.share >= ordered, `found ${total.found} of ${total.truePairs}`);
    });

    test(`finds ${100 * sorted} % of ${file} with sorted keys, and no wrong pair`, () => {
      const total = totalOf(
        networks.map((each) => scoreOf(each, pairsOf(each.modules, {}, { sorted: true }))),
      );
      assert.deepEqual(total.wrong, []);
      assert.ok(total.share >= sorted, `found ${total.found} of ${total.truePairs}`);
    });
  }

  test('tells a transposed convolution from an ordinary one wherever the shape or a name does', () => {
    // ENet enlarges with square odd kernels under names that say nothing: only a listing or the statistics can tell.
    const untold = /^pytorchcv\.enet_.*scale_unit\.conv2\.conv$/;
    const mistaken = knownNetworks('networks').flatMap((network) => {
      const typeByNorm = new Map(network.pairs.map(([, bn, type]) => [bn, type]));
      return pairsOf(network.modules)
        .pairs.filter(({ verdict }) => verdict !== 'blocked')
        .filter(({ conv, bn }) => {
          const isTransposed = typeByNorm.get(bn.name)?.includes('Transpose') === true;
          return isTransposed !== (conv.layout === 'IO*');
        })
        .map(({ id }) => `${network.source}.${network.name}.${id}`)
        .filter((name) => !untold.test(name));
    });
    assert.deepEqual(mistaken, []);
  });

  const classes = knownNetworks('classes');

  test('finds more by classes, reads eps from the modules, and makes no wrong pair', () => {
    const pairings = classes.map((network) => ({
      network,
      pairing: pairsOf(withClasses(network), {}, { evidence: 'modules' }),
    }));
    const total = totalOf(pairings.map(({ network, pairing }) => scoreOf(network, pairing)));
    assert.deepEqual(total.wrong, []);
    assert.ok(total.share >= 0.98, `found ${total.found} of ${total.truePairs}`);
    for (const { network, pairing } of pairings) {
      const epsByNorm = new Map(network.pairs.map(([, bn, , eps]) => [bn, eps]));
      for (const { bn, evidence } of pairing.pairs) {
        assert.equal(evidence, 'modules', bn.name);
        const eps = epsByNorm.get(bn.name);
        if (eps !== undefined) assert.deepEqual([bn.eps, bn.epsSource], [eps, 'module']);
      }
    }
  });

  test('a listing given with sorted keys tells as much as the modules themselves', () => {
    const scores = classes.map((network) => {
      const full = moduleNetwork(withClasses(network), { evidence: 'modules' });
      const modules = full.modules.map((module) => ({ ...module, tensors: new Map() }));
      const pairing = pairsOf(
        network.modules,
        { structure: { ...full, modules } },
        { sorted: true },
      );
      for (const { bn, evidence } of pairing.pairs) {
        assert.deepEqual([evidence, bn.epsSource], ['modules', 'structure'], bn.name);
      }
      return scoreOf(network, pairing);
    });
    const total = totalOf(scores);
    assert.deepEqual(total.wrong, []);
    assert.ok(total.share >= 0.98, `found ${total.found} of ${total.truePairs}`);
  });
});
