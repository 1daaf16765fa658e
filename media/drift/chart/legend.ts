import { labelFills, seriesShapes, type MarkLabel } from './marks';
import type { DriftTexts } from '../../../src/protocol/driftView';
import {
  traceGlyph,
  type GlyphFill,
  type GlyphShape,
  type PathPen,
} from '../../shared/chart/glyphs';
import { element, svgElement } from '../../shared/element';
import { allSeries, type Series } from '../viewState';

const ICON_SIZE = 14;
const ICON_RADIUS = 4.5;

/** A mark of the chart as an icon, for legends, chips and tables. Its colour is the text's, so CSS gives it. */
export function markIcon(shape: GlyphShape, fill: GlyphFill): SVGElement {
  const pen = new SvgPen();
  traceGlyph(pen, shape, fill, ICON_SIZE / 2, ICON_SIZE / 2, ICON_RADIUS);
  const path = svgElement('path', { class: `mark is-${fill}`, attributes: { d: pen.path } });
  const attributes = {
    viewBox: `0 0 ${ICON_SIZE} ${ICON_SIZE}`,
    width: ICON_SIZE,
    height: ICON_SIZE,
    'aria-hidden': 'true',
  };
  return svgElement('svg', { class: 'mark-icon', attributes }, path);
}

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

/** Writes a path as SVG text. Only whole circles are drawn with arcs. */
class SvgPen implements PathPen {
  path = '';

  moveTo(x: number, y: number): void {
    this.path += `M${x} ${y}`;
  }

  lineTo(x: number, y: number): void {
    this.path += `L${x} ${y}`;
  }

  arc(x: number, y: number, radius: number): void {
    this.path += `A${radius} ${radius} 0 1 1 ${x - radius} ${y}`;
    this.path += `A${radius} ${radius} 0 1 1 ${x + radius} ${y}`;
  }

  closePath(): void {
    this.path += 'Z';
  }
}
