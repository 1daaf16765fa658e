import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingSentence } from '../../../../src/core/model/findingSentence';
import type { StatisticsFinding } from '../../../../src/core/model/pair';
import { fillPlaces } from '../../../../src/core/wording/fillPlaces';
import { fedByText, fitText, foundParts } from '../../../../src/core/wording/findingText';

function finding(patch: Partial<StatisticsFinding>): StatisticsFinding {
  return {
    says: 'confirms',
    fit: 0.9978,
    from: 'stem.1',
    activation: 'relu',
    negativeMeans: 0.5,
    ...findingSentence('FOLLOWS', 8, '0.998'),
    ...patch,
  };
}

test('a fit is never rounded up to a perfect one', () => {
  assert.equal(fitText(0.99996), '0.999');
  assert.equal(fitText(0.99), '0.990');
});

test('what feeds a convolution is told with its activation, and as it was put together', () => {
  assert.equal(fedByText(finding({})), 'relu(stem.1)');
  assert.equal(fedByText(finding({ activation: 'none' })), 'stem.1');
  assert.equal(fedByText(finding({ fedBy: 'relu(a + b)' })), 'relu(a + b)');
  assert.equal(fedByText(finding({ from: null, activation: null })), null);
});

test('what was found says that it is inferred, and does not grow beyond a line', () => {
  assert.deepEqual(foundParts(finding({}), fillPlaces), [
    'fed by relu(stem.1) (inferred)',
    'fit 0.998',
  ]);
  assert.deepEqual(foundParts(finding({ from: null, fit: null }), fillPlaces), []);
  const [long = ''] = foundParts(finding({ fedBy: `relu(${'block.'.repeat(40)})` }), fillPlaces);
  assert.match(long, /^fed by relu\(block\..{10,50}… \(inferred\)$/);
});
