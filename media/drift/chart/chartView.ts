import type { DriftLayerReport } from '../../../src/protocol/drift';
import type { DriftTexts } from '../../../src/protocol/driftView';
import { CanvasSurface } from '../../shared/canvasSurface';
import {
  bringInto,
  clampSpan,
  isWhole,
  panSpan,
  spanBetween,
  wholeSpan,
  zoomSpan,
  type Span,
} from '../../shared/chart/span';
import { Tip } from '../../shared/chart/tip';
import { element, setText } from '../../shared/element';
import { onThemeChange, readTheme } from '../../shared/theme';
import { chartSentence, layerSentence } from '../wording';
import { allSeries, type Series, type ViewState } from '../viewState';
import { drawChart } from './drawChart';
import { layerAt, layoutChart, type ChartLayout } from './layout';
import { layerTip } from './layerTip';
import { markLabel } from './markLabel';
import { OverviewStrip } from './overviewStrip';
import { shortNames } from './shortNames';

export interface ChartEvents {
  /** The keyboard went to a layer. */
  readonly onSelect: (id: string) => void;
  /** A click on a layer, or Enter. */
  readonly onActivate: (id: string) => void;
  readonly onHover: (id: string | null) => void;
  /** Null for all layers. */
  readonly onSpan: (span: Span | null) => void;
}

/** What the chart shows. */
export interface ChartData {
  readonly layers: readonly DriftLayerReport[];
  readonly view: ViewState;
  /** Ids of the layers that pass the filter; null for all. */
  readonly shown: ReadonlySet<string> | null;
}

const ZOOM_PER_NOTCH = 1.25;
/** A pointer that moved less than this was meant as a click. */
const DRAG_PIXELS = 4;
const PAGE_LAYERS = 10;
/** Fewer layers are seen well enough without a strip. */
const STRIP_LAYERS = 40;

/**
 * The picture of all layers. To assistive technology it is a slider over the layers, whose value is said in words.
 * Dragging zooms in on what was dragged over, the wheel with Ctrl zooms, Shift and the wheel move sideways.
 */
export class ChartView {
  readonly element: HTMLElement;
  private readonly surface: CanvasSurface;
  private readonly strip: OverviewStrip;
  private readonly tip: Tip<DriftLayerReport>;
  private readonly summary = element('p', {
    class: 'visually-hidden',
    attributes: { id: 'chart-summary' },
  });
  private readonly stage: HTMLElement;
  private theme = readTheme();
  private data: ChartData;
  private names: readonly string[] = [];
  private layout: ChartLayout | null = null;
  private hovered = -1;
  /** Where a drag began and is, in pixels of the canvas. */
  private drag: { readonly from: number; readonly to: number } | null = null;

  constructor(
    private readonly texts: DriftTexts,
    view: ViewState,
    private readonly events: ChartEvents,
  ) {
    this.data = { layers: [], view, shown: null };
    this.surface = new CanvasSurface((context, width, height) => {
      this.paint(context, width, height);
    });
    this.tip = new Tip((layer) => layerTip(layer, texts));
    this.strip = new OverviewStrip(
      () => this.theme,
      (span) => {
        this.setSpan(span);
      },
    );
    const help = element('p', {
      class: 'visually-hidden',
      text: texts.chartHelp,
      attributes: { id: 'chart-help' },
    });
    this.stage = element(
      'div',
      {
        class: 'chart-stage',
        attributes: {
          role: 'slider',
          tabindex: 0,
          'aria-label': texts.chart,
          'aria-describedby': 'chart-summary chart-help',
        },
      },
      this.surface.canvas,
      this.tip.element,
    );
    this.element = element(
      'div',
      { class: 'chart' },
      this.stage,
      this.strip.canvas,
      this.summary,
      help,
    );
    this.listen();
    onThemeChange(() => {
      this.theme = readTheme();
      this.redraw();
    });
  }

  /** The series that were measured and are not hidden. */
  get series(): readonly Series[] {
    const { layers, view } = this.data;
    return measuredSeries(layers).filter((series) => series !== view.hiddenSeries);
  }

  /** Whether some layer shows what an earlier one did. */
  get hasInherited(): boolean {
    return this.data.layers.some((layer) => markLabel(layer, 'accumulated') === 'inherited');
  }

  show(data: ChartData): void {
    if (data.layers.length !== this.names.length) {
      this.names = shortNames(data.layers.map(({ id }) => id));
    }
    const isOther = data.view.selected !== this.data.view.selected;
    this.data = data;
    const { layers, view } = data;
    const selected = this.indexOf(view.selected);
    this.stage.setAttribute('aria-valuemin', '1');
    this.stage.setAttribute('aria-valuemax', String(Math.max(layers.length, 1)));
    this.stage.setAttribute('aria-valuenow', String(Math.max(selected + 1, 1)));
    const layer = layers[selected];
    this.stage.setAttribute(
      'aria-valuetext',
      layer === undefined ? this.texts.pickLayer : layerSentence(layer, this.texts),
    );
    setText(this.summary, chartSentence(layers, view.metric, this.texts));
    this.strip.canvas.hidden = layers.length < STRIP_LAYERS && view.span === null;
    if (isOther && selected !== -1 && view.span !== null) {
      const span = bringInto(this.span, selected, layers.length);
      if (span.from !== this.span.from) this.setSpan(span);
    }
    this.redraw();
  }

  /** Stresses the layer that the pointer is over elsewhere. */
  hover(id: string | null): void {
    const index = this.indexOf(id);
    if (index === this.hovered) return;
    this.hovered = index;
    this.surface.requestDraw();
  }

  /** The chart as it is now, painted on another canvas. */
  paintOn(context: CanvasRenderingContext2D, width: number, height: number): void {
    drawChart(context, this.layoutFor(width, height), this.theme, this.texts, {
      hovered: -1,
      selected: -1,
      isShown: this.isShown,
    });
  }

  private get span(): Span {
    const { layers, view } = this.data;
    return view.span === null ? wholeSpan(layers.length) : clampSpan(view.span, layers.length);
  }

  private setSpan(span: Span): void {
    this.events.onSpan(isWhole(span, this.data.layers.length) ? null : span);
  }

  private redraw(): void {
    this.strip.show(this.data.layers, this.span);
    this.surface.requestDraw();
  }

  private layoutFor(width: number, height: number): ChartLayout {
    const { layers, view } = this.data;
    const { names, series, span } = this;
    return layoutChart({ layers, names, metric: view.metric, series, span, width, height });
  }

  private paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    const layout = this.layoutFor(width, height);
    this.layout = layout;
    const selected = this.indexOf(this.data.view.selected);
    const stress = { hovered: this.hovered, selected, isShown: this.isShown };
    drawChart(context, layout, this.theme, this.texts, stress);
    if (this.drag === null) return;
    const { from, to } = this.drag;
    context.globalAlpha = 0.2;
    context.fillStyle = this.theme.focus;
    context.fillRect(from, layout.plot.top, to - from, layout.plot.bottom - layout.plot.top);
    context.globalAlpha = 1;
  }

  private readonly isShown = (layer: number): boolean => {
    const { shown, layers } = this.data;
    return shown === null || shown.has(layers[layer]?.id ?? '');
  };

  private indexOf(id: string | null): number {
    return id === null ? -1 : this.data.layers.findIndex((layer) => layer.id === id);
  }

  private idAt(event: MouseEvent): string | null {
    if (this.layout === null) return null;
    const index = layerAt(this.layout, { x: event.offsetX, y: event.offsetY });
    return this.data.layers[index]?.id ?? null;
  }

  /** Position in layers of a pixel of the canvas. */
  private layersAt(x: number): number {
    if (this.layout === null) return 0;
    const { plot, span, step } = this.layout;
    return span.from + (x - plot.left) / step;
  }

  private listen(): void {
    const { canvas } = this.surface;
    canvas.addEventListener('pointermove', (event) => {
      this.onMove(event);
    });
    canvas.addEventListener('pointerleave', () => {
      this.tip.hide();
      this.events.onHover(null);
    });
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.drag = { from: event.offsetX, to: event.offsetX };
    });
    canvas.addEventListener('pointerup', (event) => {
      this.onRelease(event);
    });
    canvas.addEventListener('pointercancel', () => {
      this.drag = null;
      this.surface.requestDraw();
    });
    canvas.addEventListener('dblclick', () => {
      this.events.onSpan(null);
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        this.onWheel(event);
      },
      { passive: false },
    );
    this.stage.addEventListener('keydown', (event) => {
      if (this.onKey(event)) event.preventDefault();
    });
  }

  private onMove(event: PointerEvent): void {
    if (this.drag !== null) {
      this.drag = { ...this.drag, to: event.offsetX };
      this.tip.hide();
      this.surface.requestDraw();
      return;
    }
    const id = this.idAt(event);
    const layer = this.data.layers[this.indexOf(id)];
    if (layer === undefined) this.tip.hide();
    else this.tip.show(layer, event.offsetX, event.offsetY);
    this.events.onHover(id);
  }

  private onRelease(event: PointerEvent): void {
    const { drag } = this;
    this.drag = null;
    if (drag === null) return;
    if (Math.abs(drag.to - drag.from) >= DRAG_PIXELS) {
      const { length } = this.data.layers;
      this.setSpan(spanBetween(this.layersAt(drag.from), this.layersAt(drag.to), length));
    } else {
      const id = this.idAt(event);
      if (id !== null) this.events.onActivate(id);
    }
    this.surface.requestDraw();
  }

  private onWheel(event: WheelEvent): void {
    const { length } = this.data.layers;
    // Pinching a touchpad comes as a wheel with Ctrl.
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const factor = ZOOM_PER_NOTCH ** (event.deltaY / 100);
      this.setSpan(zoomSpan(this.span, factor, this.layersAt(event.offsetX), length));
      return;
    }
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (sideways === 0 || this.layout === null || isWhole(this.span, length)) return;
    event.preventDefault();
    this.setSpan(panSpan(this.span, sideways / this.layout.step, length));
  }

  /** Whether the key meant something. */
  private onKey({ key, altKey }: KeyboardEvent): boolean {
    const { layers, view } = this.data;
    if (altKey || layers.length === 0) return false;
    const current = this.indexOf(view.selected);
    const goTo = (index: number): boolean => {
      const layer = layers[Math.min(Math.max(index, 0), layers.length - 1)];
      if (layer !== undefined) this.events.onSelect(layer.id);
      return true;
    };
    const zoom = (factor: number): boolean => {
      const { from, to } = this.span;
      const anchor = current === -1 ? (from + to) / 2 : current + 0.5;
      this.setSpan(zoomSpan(this.span, factor, anchor, layers.length));
      return true;
    };
    switch (key) {
      case 'ArrowRight':
      case 'ArrowUp':
        return goTo(current + 1);
      case 'ArrowLeft':
      case 'ArrowDown':
        return goTo(current === -1 ? layers.length - 1 : current - 1);
      case 'PageUp':
        return goTo(current + PAGE_LAYERS);
      case 'PageDown':
        return goTo(current - PAGE_LAYERS);
      case 'Home':
        return goTo(0);
      case 'End':
        return goTo(layers.length - 1);
      case '+':
      case '=':
        return zoom(1 / ZOOM_PER_NOTCH);
      case '-':
        return zoom(ZOOM_PER_NOTCH);
      case '0':
        this.events.onSpan(null);
        return true;
      case 'Enter':
        if (view.selected !== null) this.events.onActivate(view.selected);
        return true;
      default:
        return false;
    }
  }
}

/** The series of which at least one layer has figures. */
export function measuredSeries(layers: readonly DriftLayerReport[]): readonly Series[] {
  return allSeries.filter((series) => layers.some((layer) => layer[series] !== null));
}
