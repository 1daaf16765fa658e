import type { MarkLabel } from './markLabel';
import { labelFills, seriesShapes } from './marks';
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
  private readonly inherited: HTMLElement;

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
    this.inherited = element(
      'span',
      { class: 'legend-label is-none', attributes: { title: texts.inheritedHelp } },
      markIcon(seriesShapes.accumulated, labelFills.inherited),
      element('span', { text: texts.inherited }),
    );
    this.element.append(element('span', { class: 'legend-labels' }, ...labels, this.inherited));
  }

  /** `present` are the series that were measured; what no layer has inherited needs no sign. */
  show(present: readonly Series[], hidden: Series | null, hasInherited: boolean): void {
    this.inherited.hidden = !hasInherited;
    for (const [series, button] of this.buttons) {
      button.disabled = !present.includes(series);
      button.setAttribute('aria-pressed', String(present.includes(series) && series !== hidden));
    }
  }
}
