import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { openTorch } from '../../../../../src/core/formats/torch/openTorch';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Pair, Pairing } from '../../../../../src/core/model/pair';
import { findModulePairs } from '../../../../../src/core/pairing/modules/findModulePairs';
import type { Testimony } from '../../../../../src/core/statistics/testify';

/** The full test under policy `all`, by nobody watched. */
export const job = {
  policy: 'all',
  onProgress: () => undefined,
  isCancelled: () => false,
} as const;

/** A checkpoint from the disk and its pairs by names, before any test. */
export function openedFile(path: string): { model: OpenedModel; pairing: Pairing } {
  const model = openTorch(new MemorySource(new Uint8Array(readFileSync(path)), path));
  const options = { policy: 'all', eps: [], layout: 'auto', structure: null } as const;
  return { model, pairing: findModulePairs(model, options) };
}

export function pairOf({ pairing }: Testimony, conv: string, bn: string): Pair {
  const pair = pairing.pairs.find((each) => each.conv.name === conv && each.bn.name === bn);
  assert.ok(pair, `${conv} with ${bn}`);
  return pair;
}
