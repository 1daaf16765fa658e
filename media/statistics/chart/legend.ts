import { fillPlaces } from '../../../src/core/wording/fillPlaces';
import type { StatisticsTexts } from '../../../src/protocol/statisticsView';
import { markIcon } from '../../shared/chart/markIcon';
import { element, setText, svgElement } from '../../shared/element';
import { numberText } from '../../shared/numberText';
import { closenessCounts, type ChannelPoint } from '../channelPoints';
import { markStyles } from './drawScatter';

/** What the line and the marks mean, and how many channels have each mark. */
export class Legend {
  readonly element: HTMLElement;
  private readonly near = element('span');
  private readonly far = element('span');

  constructor(private readonly texts: StatisticsTexts) {
    const entry = (label: string, ...content: readonly Node[]): HTMLElement =>
      element('span', { class: `legend-label ${label}` }, ...content);
    const { near, far } = markStyles;
    this.element = element(
      'div',
      { class: 'legend' },
      entry('is-ok', markIcon(near.shape, near.fill), this.near),
      entry('is-warn', markIcon(far.shape, far.fill), this.far),
      entry('', lineIcon(), element('span', { text: texts.identity })),
    );
  }

  /** `near` is the picture's `nearDistance`. */
  show(points: readonly ChannelPoint[], near: number): void {
    const counts = closenessCounts(points, near);
    const distance = numberText(Number(near.toPrecision(2)));
    setText(this.near, `${fillPlaces(this.texts.near, distance)}: ${counts.near}`);
    setText(this.far, `${this.texts.far}: ${counts.far}`);
  }
}

function lineIcon(): SVGElement {
  const ends = { x1: 0, y1: 7, x2: 22, y2: 7, 'stroke-dasharray': '6 4' };
  const line = svgElement('line', { class: 'mark', attributes: ends });
  const attributes = { viewBox: '0 0 22 14', width: 22, height: 14, 'aria-hidden': 'true' };
  return svgElement('svg', { class: 'mark-icon', attributes }, line);
}
