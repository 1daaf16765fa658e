import type { DriftLayerReport } from '../../../src/protocol/drift';
import { CanvasSurface } from '../../shared/canvasSurface';
import { draggedSpan, gripAt, type BrushGrip } from '../../shared/chart/brush';
import { isWhole, wholeSpan, type Span } from '../../shared/chart/span';
import type { Theme } from '../../shared/theme';
import { labelColor } from './marks';

/** The row of all layers below the chart, with a window on those that the chart shows. */
export class OverviewStrip {
  readonly canvas: HTMLCanvasElement;
  private readonly surface: CanvasSurface;
  private layers: readonly DriftLayerReport[] = [];
  private span: Span = wholeSpan(0);
  private drag: {
    readonly grip: BrushGrip;
    readonly start: number;
    readonly span: Span;
  } | null = null;

  constructor(
    private readonly theme: () => Theme,
    private readonly onSpan: (span: Span) => void,
  ) {
    this.surface = new CanvasSurface((context, width, height) => {
      this.paint(context, width, height);
    });
    this.canvas = this.surface.canvas;
    this.canvas.className = 'overview';
    this.listen();
  }

  show(layers: readonly DriftLayerReport[], span: Span): void {
    this.layers = layers;
    this.span = span;
    this.surface.requestDraw();
  }

  private get step(): number {
    return this.surface.box.width / Math.max(this.layers.length, 1);
  }

  private listen(): void {
    const { canvas } = this;
    canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const { span } = this;
      const grip = isWhole(span, this.layers.length)
        ? 'draw'
        : gripAt(event.offsetX, span, this.step);
      this.drag = { grip, start: event.offsetX / this.step, span };
    });
    canvas.addEventListener('pointermove', (event) => {
      const { drag, step } = this;
      canvas.dataset['grip'] = drag?.grip ?? gripAt(event.offsetX, this.span, step);
      if (drag === null) return;
      const now = event.offsetX / step;
      this.onSpan(draggedSpan(drag.grip, drag.span, drag.start, now, this.layers.length));
    });
    const end = (): void => {
      this.drag = null;
    };
    canvas.addEventListener('pointerup', end);
    canvas.addEventListener('pointercancel', end);
  }

  private paint(context: CanvasRenderingContext2D, width: number, height: number): void {
    const theme = this.theme();
    const { step, layers, span } = this;
    context.fillStyle = theme.grid;
    context.globalAlpha = 0.35;
    context.fillRect(0, 0, width, height);
    context.globalAlpha = 1;
    // Worse labels last and taller: one bad layer among a thousand stays to be seen.
    for (const [label, share] of labelHeights) {
      context.fillStyle = labelColor(label, theme);
      const barWidth = Math.max(step * 0.7, label === 'bad' ? 2 : 1);
      const barHeight = (height - 4) * share;
      layers.forEach((layer, idx) => {
        if ((layer.label ?? 'none') !== label) return;
        context.fillRect(
          (idx + 0.5) * step - barWidth / 2,
          height - 2 - barHeight,
          barWidth,
          barHeight,
        );
      });
    }
    if (isWhole(span, layers.length)) return;
    const [from, to] = [span.from * step, span.to * step];
    context.fillStyle = theme.background;
    context.globalAlpha = 0.7;
    context.fillRect(0, 0, from, height);
    context.fillRect(to, 0, width - to, height);
    context.globalAlpha = 1;
    context.strokeStyle = theme.focus;
    context.lineWidth = 1.5;
    context.strokeRect(from + 0.75, 0.75, Math.max(to - from - 1.5, 1), height - 1.5);
  }
}

const labelHeights = [
  ['ok', 0.35],
  ['none', 0.35],
  ['warn', 0.65],
  ['bad', 1],
] as const;
