import type { DriftTexts } from '../../../src/protocol/driftView';
import { traceGlyph } from '../../shared/chart/glyphs';
import { readTheme, type Theme } from '../../shared/theme';
import { allSeries } from '../viewState';
import type { ChartView } from './chartView';
import { labelColor, labelFills, seriesShapes } from './marks';

const WIDTH = 1200;
const HEIGHT = 520;
const HEAD = 64;
const RATIO = 2;

/** The chart with its title and legend as the bytes of a PNG file, in the colours of the theme. */
export async function chartPicture(
  chart: ChartView,
  title: string,
  texts: DriftTexts,
): Promise<Uint8Array> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH * RATIO;
  canvas.height = (HEIGHT + HEAD) * RATIO;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no canvas to draw on');
  const theme = readTheme();
  context.scale(RATIO, RATIO);
  context.fillStyle = theme.background;
  context.fillRect(0, 0, WIDTH, HEIGHT + HEAD);
  context.fillStyle = theme.foreground;
  context.textBaseline = 'middle';
  context.font = `600 16px ${theme.font}`;
  context.fillText(title, 16, 22, WIDTH - 32);
  drawLegend(context, theme, texts, chart.hasInherited);
  context.translate(0, HEAD);
  chart.paintOn(context, WIDTH, HEIGHT);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
  if (blob === null) throw new Error('the picture could not be written');
  return new Uint8Array(await blob.arrayBuffer());
}

function drawLegend(
  context: CanvasRenderingContext2D,
  theme: Theme,
  texts: DriftTexts,
  hasInherited: boolean,
): void {
  context.font = `12px ${theme.font}`;
  const entries = [
    ...allSeries.map((series) => ({
      text: texts[series],
      shape: seriesShapes[series],
      fill: 'full' as const,
      color: theme.foreground,
    })),
    ...(['ok', 'warn', 'bad'] as const).map((label) => ({
      text: texts.labels[label],
      shape: 'circle' as const,
      fill: labelFills[label],
      color: labelColor(label, theme),
    })),
    ...(hasInherited
      ? [
          {
            text: texts.inherited,
            shape: seriesShapes.accumulated,
            fill: labelFills.inherited,
            color: labelColor('inherited', theme),
          },
        ]
      : []),
  ];
  let x = 22;
  const y = 48;
  context.lineWidth = 1.5;
  for (const { text, shape, fill, color } of entries) {
    context.beginPath();
    traceGlyph(context, shape, fill, x, y, 5);
    context.fillStyle = fill === 'full' ? color : theme.background;
    context.strokeStyle = color;
    context.fill();
    context.stroke();
    context.fillStyle = theme.foreground;
    context.fillText(text, x + 12, y);
    x += 12 + context.measureText(text).width + 28;
  }
}
