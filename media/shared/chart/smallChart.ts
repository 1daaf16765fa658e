import { CanvasSurface } from '../canvasSurface';
import { element } from '../element';
import { onThemeChange, readTheme, type Theme } from '../theme';

/** Paints a small chart into a box of CSS pixels. */
export type SmallPainter = (
  context: CanvasRenderingContext2D,
  theme: Theme,
  width: number,
  height: number,
) => void;

/** A picture with a caption, and one sentence in its place for those who do not see it. */
export function smallChart(caption: string, summary: string, paint: SmallPainter): HTMLElement {
  let theme = readTheme();
  const surface = new CanvasSurface((context, width, height) => {
    context.font = `${Math.round(theme.fontSize * 0.85)}px ${theme.font}`;
    paint(context, theme, width, height);
  });
  onThemeChange(() => {
    theme = readTheme();
    surface.requestDraw();
  });
  const picture = element(
    'div',
    { class: 'small-chart', attributes: { role: 'img', 'aria-label': summary } },
    surface.canvas,
  );
  return element('figure', {}, element('figcaption', { text: caption }), picture);
}
