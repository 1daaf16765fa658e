import { okThresholdDb, type DriftLabel } from '../../../src/core/drift/label';
import type { DriftLayerReport } from '../../../src/protocol/drift';
import type { Series } from '../viewState';

/**
 * What a mark says: a label, that there is none because the layer was not found, or that the layer is ok on its own
 * and what the mark shows is the doing of an earlier one.
 */
export type MarkLabel = DriftLabel | 'none' | 'inherited';

/** What the mark of one series says of a layer. */
export function markLabel(layer: DriftLayerReport, series: Series): MarkLabel {
  const { label, dtype } = layer;
  if (label === null) return 'none';
  const decibels = layer[series]?.sqnrDb;
  const isBelow =
    decibels === 'not finite' ||
    (typeof decibels === 'number' && decibels < okThresholdDb(dtype, series));
  return label === 'ok' && series === 'accumulated' && isBelow ? 'inherited' : label;
}
