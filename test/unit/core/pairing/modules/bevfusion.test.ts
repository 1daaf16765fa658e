import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bevfusionModules } from '../../../../support/bevfusionModules';
import { pairAt, pairsOf } from '../../../../support/modulePairing';

describe('a BEVFusion checkpoint', () => {
  for (const layout of ['spconv1', 'spconv2'] as const) {
    for (const sorted of [false, true]) {
      const title = `${layout}, ${sorted ? 'sorted' : 'in order'}`;
      const pairing = pairsOf(bevfusionModules(layout), {}, { sorted });
      const under = (prefix: string) => pairing.pairs.filter(({ id }) => id.startsWith(prefix));

      test(`${title}: 21 lidar pairs with eps 0.001 in their own layout`, () => {
        const lidar = under('encoders.lidar.backbone.');
        assert.equal(lidar.length, 21);
        for (const { conv, bn, verdict, evidence } of lidar) {
          assert.deepEqual(
            [verdict, evidence, bn.eps, bn.epsSource, bn.type],
            ['fusable', 'names', 1e-3, 'family', 'BatchNorm1d'],
            conv.name,
          );
          assert.equal(conv.layout, layout === 'spconv1' ? '*IO' : 'O*I', conv.name);
        }
      });

      test(`${title}: the dense parts with their eps`, () => {
        const expected: readonly (readonly [prefix: string, count: number, eps: number])[] = [
          ['encoders.camera.backbone.', 53, 1e-5],
          ['encoders.camera.neck.', 4, 1e-5],
          ['encoders.camera.vtransform.', 8, 1e-5],
          ['fuser.', 1, 1e-5],
          ['decoder.backbone.', 12, 1e-3],
          ['decoder.neck.', 2, 1e-3],
          ['heads.object.heatmap_head.', 1, 1e-5],
        ];
        for (const [prefix, count, eps] of expected) {
          const pairs = under(prefix);
          assert.equal(pairs.length, count, prefix);
          for (const { bn, verdict, conv } of pairs) {
            assert.equal(bn.eps, eps, bn.name);
            const isLeft = conv.name === 'decoder.neck.deblocks.1.0';
            assert.equal(verdict, isLeft ? 'skipped' : 'fusable', conv.name);
          }
        }
        assert.deepEqual(pairing.unpaired, []);
      });

      test(`${title}: the transposed neck and the Conv1d heads are skipped, and fusable under all`, () => {
        const skipped = pairing.pairs.filter(({ verdict }) => verdict === 'skipped');
        const all = pairsOf(bevfusionModules(layout), { policy: 'all' }, { sorted });
        assert.equal(skipped.length, 1 + 8);
        for (const { id, reasons } of skipped) {
          assert.ok(reasons.some(({ code }) => code === 'POLICY_BEVFUSION'));
          assert.equal(pairAt(all, id).verdict, 'fusable', id);
        }
        const neck = pairAt(all, 'decoder.neck.deblocks.1.0').conv;
        assert.deepEqual([neck.type, neck.layout], ['ConvTranspose2d', 'IO*']);
        assert.equal(pairing.pairs.length, 21 + 53 + 4 + 8 + 1 + 12 + 2 + 1 + 8);
      });
    }
  }
});
