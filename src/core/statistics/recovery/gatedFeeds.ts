import { lazily, normFeed, type Feed } from '../feeds/feed';
import { activations, type Activation } from '../mathematics/activations';
import { expectation } from '../mathematics/gaussHermite';
import { predict } from '../readings';
import type { EvidenceBase } from './evidenceBase';
import { nearest } from './nearest';
import type { Study } from './study';
import type { Witness } from './witness';

/** A function that turns a squeezed value into a factor between 0 and 1. */
interface Gate {
  readonly name: string;
  readonly apply: (z: number) => number;
}

const gates: readonly Gate[] = [
  { name: 'sigmoid', apply: (z) => 1 / (1 + Math.exp(-z)) },
  { name: 'hardsigmoid', apply: (z) => Math.min(Math.max(z / 6 + 0.5, 0), 1) },
];

const NEAR_NORMS = 6;
/** Layers between the squeeze and the convolution that takes the gated value. */
const MAX_DISTANCE = 12;

/**
 * Squeeze-and-excitation in front of the convolution: x · gate(W₂ act(W₁ x̄ + b₁) + b₂), worked out at the
 * expected x̄, its two layers being the ones registered just before. Also the form whose squeeze layers have
 * BatchNorms, where the gate follows from the last one alone.
 */
export function* gatedFeeds(
  study: Study,
  base: EvidenceBase,
  common: readonly Activation[],
): Generator<Feed> {
  const width = study.sums.inputs;
  const inputs = nearest(base.norms, study, width, NEAR_NORMS).flatMap((norm) =>
    base.feeds.plainAnd(norm, common),
  );
  for (const { squeeze, excite } of squeezesBefore(study, base)) {
    for (const feed of inputs) yield* excited(feed, squeeze, excite);
  }
  yield* gatedByNorms(study, base, inputs);
}

interface Squeeze {
  readonly squeeze: Witness;
  readonly excite: Witness;
}

/** Pairs of convolutions without BatchNorm that narrow `width` channels and widen them again. */
function squeezesBefore(study: Study, base: EvidenceBase): Squeeze[] {
  const width = study.sums.inputs;
  const paired = new Set(base.studies.map(({ conv }) => conv.name));
  const near = [...base.witnesses.values()]
    .filter(({ conv, order }) => {
      const isNear = order < study.order && study.order - order <= MAX_DISTANCE;
      return isNear && !paired.has(conv.name);
    })
    .toSorted((a, b) => b.order - a.order);
  return near
    .filter(({ sums }) => isComplete(sums) && sums.outChannels === width)
    .flatMap((excite) =>
      near
        .filter(({ sums, order }) => {
          const fits = sums.inputs === width && sums.outChannels === excite.sums.inputs;
          return fits && isComplete(sums) && order < excite.order;
        })
        .slice(0, 1)
        .map((squeeze) => ({ squeeze, excite })),
    )
    .slice(0, 1);
}

function isComplete(sums: Witness['sums']): boolean {
  return sums.rows.length === sums.outChannels;
}

const innerActivations = activations.filter(({ name }) => name === 'relu' || name === 'silu');

function excited(feed: Feed, squeeze: Witness, excite: Witness): Feed[] {
  const narrow = predict(squeeze.sums, feed)?.base;
  if (narrow === undefined) return [];
  return innerActivations.flatMap((inner) => {
    const hidden = narrow.map((value, channel) =>
      inner.apply(value + (squeeze.bias?.[channel] ?? 0), channel),
    );
    const wide = predict(excite.sums, { ...feed, mean: hidden })?.base;
    if (wide === undefined) return [];
    return gates.map((gate) =>
      gatedFeed(
        feed,
        wide.map((value, channel) => gate.apply(value + (excite.bias?.[channel] ?? 0))),
        `${gate.name} ${inner.name} ${excite.conv.name}`,
      ),
    );
  });
}

function gatedByNorms(study: Study, base: EvidenceBase, inputs: readonly Feed[]): Feed[] {
  return nearest(base.norms, study, study.sums.inputs, NEAR_NORMS).flatMap((norm) => {
    const gate = normFeed(norm);
    const std = gate.std();
    return gates.flatMap(({ name, apply }) => {
      const factors = gate.mean.map((mean, channel) => expectation(apply, mean, std[channel] ?? 0));
      return inputs
        .filter(({ order }) => order !== gate.order)
        .map((feed) => gatedFeed(feed, factors, `${name} ${gate.key}`));
    });
  });
}

function gatedFeed(feed: Feed, factors: Float64Array, key: string): Feed {
  const scale = (values: Float64Array): Float64Array =>
    values.map((value, channel) => value * (factors[channel] ?? 1));
  return {
    ...feed,
    key: `${key}·${feed.key}`,
    via: 'gated',
    mean: scale(feed.mean),
    std: lazily(() => scale(feed.std())),
  };
}
