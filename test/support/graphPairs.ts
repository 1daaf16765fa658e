import assert from 'node:assert/strict';
import { findGraphPairs } from '../../src/core/pairing/graph/findGraphPairs';
import type { PairingOptions } from '../../src/core/pairing/pairingOptions';
import type { FormatId } from '../../src/core/model/openedModel';
import type { Pair, Pairing } from '../../src/core/model/pair';
import type { ReasonCode } from '../../src/core/model/reason';
import { GraphBuilder } from './graphBuilder';

interface Given {
  readonly format?: FormatId;
  readonly opset?: number;
  readonly irVersion?: number;
  readonly options?: Partial<PairingOptions>;
}

/** Pairing of a graph under policy `all`, unless the test says otherwise. */
export function pairing(builder: GraphBuilder, given: Given = {}): Pairing {
  const options: PairingOptions = {
    policy: 'all',
    eps: [],
    layout: 'auto',
    structure: null,
    ...given.options,
  };
  return findGraphPairs(builder.model(given), options);
}

/** The only pair of a graph. */
export function onlyPair(builder: GraphBuilder, given: Given = {}): Pair {
  const { pairs } = pairing(builder, given);
  assert.equal(pairs.length, 1);
  return pairs[0]!;
}

/** Asserts the verdict and the codes of all reasons, in order. */
export function assertVerdict(
  pair: Pair,
  verdict: Pair['verdict'],
  ...codes: readonly ReasonCode[]
): void {
  assert.deepEqual(
    { verdict: pair.verdict, codes: pair.reasons.map(({ code }) => code) },
    { verdict, codes },
  );
}

/** A graph x → … with its input declared. */
export function graph(): GraphBuilder {
  return new GraphBuilder().input('x', [1, 3, 8, 8]);
}
