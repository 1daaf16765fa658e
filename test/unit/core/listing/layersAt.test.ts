import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { layersAt } from '../../../../src/core/listing/layersAt';
import type { LayerPlace } from '../../../../src/core/listing/listing';
import { parsePrintout } from '../../../../src/core/listing/printout/parsePrintout';
import { renderPrintout, unedited } from '../../../../src/core/listing/printout/renderPrintout';
import { listingFixture } from '../../../support/listings';

const { places } = renderPrintout(parsePrintout(listingFixture('repeats.txt'), ''), unedited);

function namesAt(line: number, column = 0, among: readonly LayerPlace[] = places): string[] {
  return layersAt(among, line, column).map(({ name }) => name);
}

suite('the layers at a position', () => {
  test('are the one whose line it is', () => {
    assert.deepEqual(namesAt(0), ['']);
    assert.deepEqual(namesAt(1), ['blocks']);
    assert.deepEqual(namesAt(8), ['blocks.3.conv']);
  });

  test('are all that a repeat stands for', () => {
    assert.deepEqual(namesAt(4), ['blocks.0.bn', 'blocks.1.bn', 'blocks.2.bn']);
    assert.deepEqual(namesAt(6), ['blocks.0', 'blocks.1', 'blocks.2']);
  });

  test('are the block on a line of its own, such as its closing bracket', () => {
    assert.deepEqual(namesAt(12), ['blocks']);
  });

  test('are told apart by the column where places nest on one line', () => {
    const at = { type: '', line: 0, length: 3, parent: null };
    const nested = [
      { ...at, name: 'if', column: 3, endLine: 4 },
      { ...at, name: 'then', column: 20, endLine: 2 },
    ];
    assert.deepEqual(namesAt(0, 5, nested), ['if']);
    assert.deepEqual(namesAt(0, 25, nested), ['then']);
    assert.deepEqual(namesAt(0, 0, nested), ['if']);
    assert.deepEqual(namesAt(1, 0, nested), ['then']);
    assert.deepEqual(namesAt(4, 0, nested), ['if']);
  });

  test('are none outside of every layer', () => {
    assert.deepEqual(namesAt(1000), []);
  });
});
