import type { DriftLayerReport } from '../../../src/protocol/drift';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { element } from '../../shared/element';
import { allSeries } from '../viewState';
import { decibelText, labelText, metricText } from '../wording';

/** What the tip beside the pointer says of a layer. */
export function layerTip(layer: DriftLayerReport, texts: DriftTexts): readonly Node[] {
  const rows = allSeries.flatMap((series) => {
    const metrics = layer[series];
    if (metrics === null) return [];
    const error = `± ${metricText(metrics.maxAbs, texts)}`;
    return [texts[series], decibelText(metrics, texts), error].map((text) =>
      element('span', { text }),
    );
  });
  const label = layer.label ?? 'none';
  return [
    element('strong', { text: layer.id }),
    element('span', { class: `tip-label is-${label}`, text: labelText(layer, texts) }),
    element('div', { class: 'tip-figures' }, ...rows),
  ];
}
