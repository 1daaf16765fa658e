import { labelFills, seriesShapes, type MarkLabel } from './marks';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { markIcon } from '../../shared/chart/markIcon';
import { element } from '../../shared/element';
import { allSeries, type Series } from '../viewState';

/** The icon of a label, as in the chart. */
export function labelIcon(label: MarkLabel): SVGElement {
  return markIcon('circle', labelFills[label]);
}

/** What shapes, fills and lines mean. The two series are buttons that hide and show them. */
export class Legend {
  readonly element = element('div', { class: 'legend' });
  private readonly buttons = new Map<Series, HTMLButtonElement>();

  constructor(texts: DriftTexts, onToggle: (series: Series) => void) {
    for (const series of allSeries) {
      const button = element(
        'button',
        { class: 'legend-series', attributes: { type: 'button' } },
        markIcon(seriesShapes[series], 'full'),
        element('span', { text: texts[series] }),
      );
      button.addEventListener('click', () => {
        onToggle(series);
      });
      this.buttons.set(series, button);
      this.element.append(button);
    }
    const labels = (['ok', 'warn', 'bad'] as const).map((label) =>
      element(
        'span',
        { class: `legend-label is-${label}` },
        labelIcon(label),
        element('span', { text: texts.labels[label] }),
      ),
    );
    this.element.append(element('span', { class: 'legend-labels' }, ...labels));
  }

  /** `present` are the series that were measured. */
  show(present: readonly Series[], hidden: Series | null): void {
    for (const [series, button] of this.buttons) {
      button.disabled = !present.includes(series);
      button.setAttribute('aria-pressed', String(present.includes(series) && series !== hidden));
    }
  }
}
