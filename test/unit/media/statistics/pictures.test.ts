import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pictures } from '../../../../media/statistics/pictures';
import { picture } from '../../../support/pictures';

function setUp(): { readonly pictures: Pictures; readonly wanted: string[] } {
  const wanted: string[] = [];
  return { wanted, pictures: new Pictures((id) => wanted.push(id)) };
}

test('a picture is asked for once, when it is looked at', () => {
  const { pictures, wanted } = setUp();
  assert.equal(pictures.of('a').kind, 'loading');
  assert.equal(pictures.of('a').kind, 'loading');
  assert.deepEqual(wanted, ['a']);
  pictures.receive({ id: 'a', picture: picture([1], []), failure: null });
  assert.equal(pictures.of('a').kind, 'ready');
  assert.deepEqual(wanted, ['a']);
});

test('a pair without statistics and a failure are no pictures', () => {
  const { pictures } = setUp();
  pictures.receive({ id: 'a', picture: null, failure: null });
  pictures.receive({ id: 'b', picture: null, failure: 'The disk is gone.' });
  assert.deepEqual(pictures.of('a'), { kind: 'none' });
  assert.deepEqual(pictures.of('b'), { kind: 'failed', sentence: 'The disk is gone.' });
});

test('a new test gives what failed another chance, and nothing else', () => {
  const { pictures, wanted } = setUp();
  pictures.receive({ id: 'a', picture: picture([1], []), failure: null });
  pictures.receive({ id: 'b', picture: null, failure: 'stopped' });
  pictures.forgetFailures();
  pictures.of('a');
  pictures.of('b');
  assert.deepEqual(wanted, ['b']);
  pictures.forget();
  pictures.of('a');
  assert.deepEqual(wanted, ['b', 'a']);
});

test('the pictures of many pairs do not pile up', () => {
  const { pictures, wanted } = setUp();
  for (let idx = 0; idx < 200; idx++) {
    pictures.receive({ id: String(idx), picture: picture([idx], []), failure: null });
  }
  assert.equal(pictures.of('199').kind, 'ready');
  assert.equal(pictures.of('0').kind, 'loading');
  assert.deepEqual(wanted, ['0']);
});
