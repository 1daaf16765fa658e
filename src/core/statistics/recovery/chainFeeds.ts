import type { Feed } from '../feeds/feed';
import { predict } from '../readings';
import type { EvidenceBase, Witness } from './evidenceBase';
import { nearest } from './singleFeeds';
import type { Study } from './study';

/** Convolutions without a BatchNorm that are tried between: the ones registered just before. */
const NEAR_WITNESSES = 2;
const NEAR_NORMS = 24;

/**
 * Tries chains of two convolutions without a BatchNorm between (YuNet: a 1×1 with bias, then a depthwise one): the
 * expectation of the first one's output is linear in that of its input, so the two compose.
 */
export function tryChainFeeds(study: Study, base: EvidenceBase): void {
  const paired = new Set(base.studies.map(({ conv }) => conv.name));
  const links = [...base.witnesses.values()]
    .filter((witness) => isLink(witness, study) && !paired.has(witness.conv.name))
    .toSorted((a, b) => Math.abs(a.order - study.order) - Math.abs(b.order - study.order))
    .slice(0, NEAR_WITNESSES);
  const readings = study.consider(links.flatMap((link) => linkFeeds(link, study, base)));
  study.singles = [...study.singles, ...readings];
}

function isLink({ sums }: Witness, study: Study): boolean {
  // Every output of the link is an input here, so none may have been left out of its sums.
  return sums.rows.length === sums.outChannels && study.widths.includes(sums.outChannels);
}

function linkFeeds(link: Witness, study: Study, base: EvidenceBase): Feed[] {
  const { sums, bias, conv } = link;
  const norms = nearest(base.norms, study, sums.inputs, NEAR_NORMS);
  return norms
    .flatMap((norm) => base.feeds.of(norm))
    .flatMap((feed) => {
      const prediction = predict(sums, feed);
      if (prediction === null) return [];
      const mean = prediction.base.map((value, channel) => value + (bias?.[channel] ?? 0));
      return [{ ...feed, key: `${conv.name}(${feed.key})`, via: conv.name, mean }];
    });
}
