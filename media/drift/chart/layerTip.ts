import type { DriftLayerReport } from '../../../src/protocol/drift';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { element } from '../../shared/element';
import { allSeries } from '../viewState';
import { decibelText, labelText, metricText } from '../wording';

/** Pixels between the pointer and its tip. */
const GAP = 14;

/** The small box beside the pointer that names the layer below it. */
export class LayerTip {
  readonly element = element('div', { class: 'tip', attributes: { 'aria-hidden': 'true' } });
  private shown: DriftLayerReport | null = null;

  constructor(private readonly texts: DriftTexts) {
    this.element.hidden = true;
  }

  /** Shows a layer beside a point of the parent element, on the side that has room. */
  show(layer: DriftLayerReport, x: number, y: number): void {
    if (layer !== this.shown) this.write(layer);
    this.element.hidden = false;
    const { parentElement, offsetWidth, offsetHeight } = this.element;
    const room = {
      width: parentElement?.clientWidth ?? 0,
      height: parentElement?.clientHeight ?? 0,
    };
    const left = x + GAP + offsetWidth > room.width ? x - GAP - offsetWidth : x + GAP;
    const top = Math.min(Math.max(y - offsetHeight / 2, 0), room.height - offsetHeight);
    this.element.style.setProperty('transform', `translate(${Math.max(left, 0)}px, ${top}px)`);
  }

  hide(): void {
    this.element.hidden = true;
  }

  private write(layer: DriftLayerReport): void {
    this.shown = layer;
    const { texts } = this;
    const rows = allSeries.flatMap((series) => {
      const metrics = layer[series];
      if (metrics === null) return [];
      const error = `± ${metricText(metrics.maxAbs, texts)}`;
      return [texts[series], decibelText(metrics, texts), error].map((text) =>
        element('span', { text }),
      );
    });
    const label = layer.label ?? 'none';
    this.element.replaceChildren(
      element('strong', { text: layer.id }),
      element('span', { class: `tip-label is-${label}`, text: labelText(layer, texts) }),
      element('div', { class: 'tip-figures' }, ...rows),
    );
  }
}
