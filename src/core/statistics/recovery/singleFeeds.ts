import { mirrored } from '../feeds/composites';
import { normFeed } from '../feeds/feed';
import { rectifier } from '../mathematics/activations';
import type { Norm } from '../norm';
import type { EvidenceBase } from './evidenceBase';
import type { Study } from './study';

/** BatchNorms tried in front of one convolution: those of the right width, nearest in the file's order first. */
const MAX_NEIGHBOURS = 48;

/** Tries every single BatchNorm of the right width in front of the study's convolution, with every activation. */
export function trySingleFeeds(study: Study, base: EvidenceBase): void {
  const whole = study
    .widthsAmong(base.norms)
    .flatMap((width) =>
      nearest(base.norms, study, width, MAX_NEIGHBOURS).flatMap((norm) => base.feeds.of(norm)),
    );
  const doubled = study
    .widthsAmong(base.norms)
    .flatMap((width) =>
      nearest(base.norms, study, width / 2, MAX_NEIGHBOURS).map((norm) =>
        mirrored(normFeed(norm), rectifier('relu', 0)),
      ),
    );
  study.singles = [...study.singles, ...study.considerEach([...whole, ...doubled])];
}

/** The BatchNorms with `width` channels, but for the study's own, nearest in the file's order first. */
export function nearest(
  norms: readonly Norm[],
  study: Study,
  width: number,
  limit: number,
): Norm[] {
  return norms
    .filter((norm) => norm.mean.length === width && norm !== study.norm && norm.isTrained)
    .toSorted((a, b) => Math.abs(a.order - study.order) - Math.abs(b.order - study.order))
    .slice(0, limit);
}
