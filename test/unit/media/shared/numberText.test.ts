import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberText } from '../../../../media/shared/numberText';

test('three digits that count, an exponent where zeros would hide them, a true minus', () => {
  const numbers = [0, 1.23456, 1234.5, 0.00123456, 0.000123456, -4.2e-9, 1e5, Infinity, -Infinity];
  assert.deepEqual(numbers.map(numberText), [
    '0',
    '1.23',
    '1230',
    '0.00123',
    '1.23e−4',
    '−4.20e−9',
    '1.00e5',
    '∞',
    '−∞',
  ]);
});
