import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { epsSupport } from '../../../../../src/core/statistics/decision/epsSupport';
import type { Reading } from '../../../../../src/core/statistics/readings';
import type { Study } from '../../../../../src/core/statistics/recovery/study';

/** A proved study behind the BatchNorm `name`, and what each eps of it leaves unexplained. */
function study(name: string, unexplained: Readonly<Record<string, number>>): Study {
  const singles = Object.entries(unexplained).map(([eps, rest]) => ({
    feed: {
      origin: { kind: 'norm', name, eps: Number(eps) },
      activation: 'relu',
      via: null,
      mean: [],
    },
    gain: 1,
    fit: { share: 1 - rest, offset: 0, logProbability: -100 },
  })) as unknown as Reading[];
  const [best] = singles.toSorted((a, b) => b.fit.share - a.fit.share);
  const sums = { outChannels: 8 };
  return { best, singles, tried: 10, ordinary: null, sums } as unknown as Study;
}

describe('eps by the statistics', () => {
  test('follows from layers that one value explains much better than any other', () => {
    const support = epsSupport([
      study('a', { '1e-5': 0.09, '1e-4': 0.06, '1e-3': 0.01 }),
      study('b', { '1e-5': 0.12, '1e-4': 0.09, '1e-3': 0.009 }),
    ]);
    assert.equal(support.common, 1e-3);
  });

  test('does not follow from many layers that all values explain well, if one a little better', () => {
    // As a MobileNet of eps 1e-5 gives them: behind depthwise convolutions the larger eps fits by chance of shape.
    const studies = Array.from({ length: 50 }, (_, idx) =>
      study(`norm${idx}`, { '1e-5': 0.0047, '1e-4': 0.0027, '1e-3': 0.06 }),
    );
    const support = epsSupport(studies);
    assert.equal(support.common, null);
    assert.equal(support.byNorm.size, 0);
  });
});
