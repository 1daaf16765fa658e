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
    .filter(({ conv, sums }) => {
      // Every output of the link is an input here, so none may have been left out of its sums.
      const isWhole = sums.rows.length === sums.outChannels;
      return isWhole && !paired.has(conv.name) && takes(study, sums.outChannels);
    })
    .toSorted((a, b) => Math.abs(a.order - study.order) - Math.abs(b.order - study.order))
    .slice(0, NEAR_WITNESSES);
  const readings = study.considerEach(links.flatMap((link) => linkFeeds(link, study, base)));
  study.singles = [...study.singles, ...readings];
}

/** Whether the study's convolution can take so many channels: in one group, or depthwise. */
function takes({ sums }: Study, channels: number): boolean {
  return channels === sums.inputs || (sums.inputs === 1 && sums.outChannels % channels === 0);
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
