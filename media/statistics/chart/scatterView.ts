import type { StatisticsPicture } from '../../../src/protocol/statistics';
import type { StatisticsTexts } from '../../../src/protocol/statisticsView';
import { CanvasSurface } from '../../shared/canvasSurface';
import { Tip } from '../../shared/chart/tip';
import { element } from '../../shared/element';
import { rowAfterKey } from '../../shared/table/rowWindow';
import { onThemeChange, readTheme } from '../../shared/theme';
import { nearDistance, type ChannelPoint } from '../channelPoints';
import type { ViewState } from '../viewState';
import { channelSentence } from '../wording';
import { channelTip } from './channelTip';
import { drawScatter } from './drawScatter';
import { layoutScatter, markAt, scatterDomain, type ScatterLayout } from './scatterLayout';

export interface ScatterEvents {
  readonly onSelect: (channel: number | null) => void;
  readonly onHover: (channel: number | null) => void;
  /** To the next candidate (1) or the one before (−1). */
  readonly onFlip: (step: 1 | -1) => void;
}

/** What the scatter shows. */
export interface ScatterData {
  readonly picture: StatisticsPicture;
  /** Channels of the picture as the chosen candidate explains them. */
  readonly points: readonly ChannelPoint[];
  /** The same in the order of the table, in which the keyboard goes through them. */
  readonly ordered: readonly ChannelPoint[];
  readonly view: ViewState;
  /** The whole picture in one sentence. */
  readonly summary: string;
}

const PAGE_CHANNELS = 10;

/**
 * The scatter of one candidate. To assistive technology the canvas is an image with a sentence for a name, and what
 * takes the keyboard over it is a slider over the channels, whose value is said in words.
 */
export class ScatterView {
  readonly element: HTMLElement;
  private readonly surface: CanvasSurface;
  private readonly slider: HTMLElement;
  private readonly tip: Tip<ChannelPoint>;
  private theme = readTheme();
  private data: ScatterData | null = null;
  private layout: ScatterLayout | null = null;
  private hovered: number | null = null;

  constructor(
    private readonly texts: StatisticsTexts,
    private readonly events: ScatterEvents,
  ) {
    this.surface = new CanvasSurface((context, width, height) => {
      this.paint(context, width, height);
    });
    const { canvas } = this.surface;
    canvas.removeAttribute('aria-hidden');
    canvas.setAttribute('role', 'img');
    this.tip = new Tip((point) => channelTip(point, texts));
    this.slider = element('div', {
      class: 'scatter-keys',
      attributes: {
        role: 'slider',
        tabindex: 0,
        'aria-label': texts.columns.channel,
        'aria-describedby': 'scatter-help',
      },
    });
    const help = element('p', {
      class: 'visually-hidden',
      text: texts.chartHelp,
      attributes: { id: 'scatter-help' },
    });
    this.element = element(
      'div',
      { class: 'scatter' },
      canvas,
      this.slider,
      this.tip.element,
      help,
    );
    this.listen();
    onThemeChange(() => {
      this.theme = readTheme();
      this.surface.requestDraw();
    });
  }

  show(data: ScatterData): void {
    this.data = data;
    const { ordered, view, summary } = data;
    this.surface.canvas.setAttribute('aria-label', `${this.texts.chart}. ${summary}`);
    const place = ordered.findIndex(({ channel }) => channel === view.channel);
    const point = ordered[place];
    this.slider.setAttribute('aria-valuemin', '1');
    this.slider.setAttribute('aria-valuemax', String(Math.max(ordered.length, 1)));
    this.slider.setAttribute('aria-valuenow', String(Math.max(place + 1, 1)));
    this.slider.setAttribute(
      'aria-valuetext',
      point === undefined ? summary : channelSentence(point, this.texts),
    );
    this.tip.hide();
    this.surface.requestDraw();
  }

  /** Stresses the channel that the pointer is over elsewhere. */
  hover(channel: number | null): void {
    if (channel === this.hovered) return;
    this.hovered = channel;
    this.surface.requestDraw();
  }

  private paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (this.data === null) return;
    const { picture, points, view } = this.data;
    const { unit } = view;
    const [domain, near] = [scatterDomain(picture, unit), nearDistance(picture)];
    this.layout = layoutScatter({ points, unit, domain, near, width, height });
    const { texts } = this;
    const titles =
      unit === 'means'
        ? { x: texts.predicted, y: texts.stored }
        : { x: texts.predictedStd, y: texts.storedStd };
    const indexOf = (channel: number | null): number =>
      channel === null ? -1 : points.findIndex((point) => point.channel === channel);
    const stress = { hovered: indexOf(this.hovered), selected: indexOf(view.channel) };
    drawScatter(context, this.layout, this.theme, titles, stress);
  }

  private pointAt(event: MouseEvent): ChannelPoint | undefined {
    if (this.layout === null || this.data === null) return undefined;
    const mark = markAt(this.layout, { x: event.offsetX, y: event.offsetY });
    return mark === null ? undefined : this.data.points[mark.index];
  }

  private listen(): void {
    const { slider } = this;
    slider.addEventListener('pointermove', (event) => {
      const point = this.pointAt(event);
      if (point === undefined) this.tip.hide();
      else this.tip.show(point, event.offsetX, event.offsetY);
      this.events.onHover(point?.channel ?? null);
    });
    slider.addEventListener('pointerleave', () => {
      this.tip.hide();
      this.events.onHover(null);
    });
    slider.addEventListener('click', (event) => {
      this.events.onSelect(this.pointAt(event)?.channel ?? null);
    });
    slider.addEventListener('keydown', (event) => {
      if (this.onKey(event)) event.preventDefault();
    });
  }

  /** Whether the key meant something. */
  private onKey({ key, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
    if (this.data === null || altKey || ctrlKey || metaKey) return false;
    const { ordered, view } = this.data;
    switch (key) {
      case 'ArrowRight':
        this.events.onFlip(1);
        return true;
      case 'ArrowLeft':
        this.events.onFlip(-1);
        return true;
      case 'Escape':
        this.events.onSelect(null);
        return true;
      default: {
        const place = ordered.findIndex(({ channel }) => channel === view.channel);
        const target = rowAfterKey(key, place, ordered.length, PAGE_CHANNELS);
        const point = target === null ? undefined : ordered[target];
        if (point !== undefined) this.events.onSelect(point.channel);
        return point !== undefined;
      }
    }
  }
}
