import type { GraphNode } from '../../../model/network';
import { reason, type Reason } from '../../../model/reason';
import { describeNode, describeUses } from '../describeNode';
import { someUses, type Value } from '../graphIndex';
import type { StepEffect } from '../chain/chain';
import type { Candidate, GraphRule } from './candidate';

/**
 * Guards 2, 3 and 10: nobody but the next node on the way to the BatchNorm may read the convolution's output, or
 * that of a step the fold absorbs; outputs of the graph and subgraphs that capture the value count too.
 */
export const outputReused: GraphRule = (candidate) =>
  absorbed(candidate).flatMap(({ value, reader }) => judge(value, reader));

const absorbedEffects: ReadonlySet<StepEffect['kind']> = new Set(['none', 'affine', 'folded']);

interface AbsorbedValue {
  readonly value: Value;
  readonly reader: GraphNode;
}

function absorbed({ conv, steps, bn }: Candidate): readonly AbsorbedValue[] {
  const stop = steps.findIndex(({ effect }) => !absorbedEffects.has(effect.kind));
  const folded = stop < 0 ? steps : steps.slice(0, stop);
  const values = [conv.output, ...folded.map((step) => step.output)];
  const readers = [...steps.map((step) => step.node), bn.node];
  return values.flatMap((value, idx) => {
    const reader = readers[idx];
    return reader ? [{ value, reader }] : [];
  });
}

function judge(value: Value, reader: GraphNode): readonly Reason[] {
  const uses = someUses(value);
  const nodes = uses.filter((use) => use.kind === 'node');
  const here = nodes.filter((use) => use.scope === value.scope && use.node !== reader);
  const captors = nodes.flatMap((use) => (use.scope === value.scope ? [] : [use.scope]));
  const [captor] = captors;
  return [
    ...(nodes.length < uses.length ? [reason('CONV_OUTPUT_IS_GRAPH_OUTPUT', value.name)] : []),
    ...(here.length > 0 ? [reason('CONV_OUTPUT_REUSED', describeUses(here))] : []),
    ...(captor
      ? [reason('CONV_OUTPUT_CAPTURED', captor.owner ? describeNode(captor.owner) : '')]
      : []),
  ];
}
