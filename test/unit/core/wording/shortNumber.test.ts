import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortNumber } from '../../../../src/core/wording/shortNumber';

const numbers = [
  [Math.fround(0.001), '0.001'],
  [Math.fround(1e-5), '1e-5'],
  [1.5e-4, '1.5e-4'],
  [0, '0'],
  [0.1, '0.1'],
  [1, '1'],
] as const;

for (const [value, text] of numbers) {
  test(`${value} is written as ${text}`, () => {
    assert.equal(shortNumber(value), text);
  });
}
