import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchNorm, type ModuleSketch } from '../../../../support/moduleNetwork';
import { pairsOf } from '../../../../support/modulePairing';

/** Several times what is needed; a quadratic search over so many layers takes far longer. */
const LIMIT_MS = 3000;
const COUNT = 8000;

const many = (make: (i: number) => ModuleSketch[]): ModuleSketch[] =>
  Array.from({ length: COUNT }, (_, i) => make(i)).flat();

describe('networks of many modules', () => {
  const shapes: Readonly<Record<string, ModuleSketch[]>> = {
    'one flat block of numbered layers': many((i) => [
      [`conv${i}`, { weight: [8, 8, 3, 3] }],
      [`bn${i}`, batchNorm(8)],
    ]),
    'one flat block of layers with the same number': many((i) => [
      [`a${'b'.repeat(i % 200)}_conv_1`, { weight: [8, 8, 3, 3] }],
      [`x${i}.bn_1`, batchNorm(8)],
    ]),
    'one long Sequential': many((i) => [
      [`${2 * i}`, { weight: [8, 8, 3, 3] }],
      [`${2 * i + 1}`, batchNorm(8)],
    ]),
    'convolutions first, then their norms': [
      ...many((i) => [[`b.conv${i}`, { weight: [8, 8, 3, 3] }]]),
      ...many((i) => [[`b.bn${i}`, batchNorm(8)]]),
    ],
    'two long lists': [
      ...many((i) => [[`convs.${i}`, { weight: [8, 8, 3, 3] }]]),
      ...many((i) => [[`bns.${i}`, batchNorm(8)]]),
    ],
    'two long lists of lists': [
      ...many((i) => [[`convs.${i % 8}.${i}`, { weight: [8, 8, 3, 3] }]]),
      ...many((i) => [[`bns.${i % 8}.${i}`, batchNorm(8)]]),
    ],
    'norms only': many((i) => [[`n.bn${i}`, batchNorm(8)]]),
  };

  for (const [name, sketches] of Object.entries(shapes)) {
    for (const sorted of [false, true]) {
      test(`${name}, ${sorted ? 'sorted' : 'in order'}, take time in proportion`, () => {
        // Time of this process, not of the clock: other tests run beside it.
        const from = process.cpuUsage().user;
        pairsOf(sketches, {}, { sorted });
        assert.ok((process.cpuUsage().user - from) / 1000 < LIMIT_MS);
      });
    }
  }

  test('paths deeper or longer than any network’s are passed over', () => {
    const deep = `${'a.'.repeat(5000)}conv`;
    const pairing = pairsOf([
      [deep, { weight: [8, 8, 3, 3] }],
      [`${'a.'.repeat(5000)}bn`, batchNorm(8)],
      ['b.conv', { weight: [8, 8, 3, 3] }],
      ['b.bn', batchNorm(8)],
    ]);
    assert.deepEqual(
      pairing.pairs.map(({ id }) => id),
      ['b.conv'],
    );
  });
});
