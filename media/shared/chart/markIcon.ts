import { svgElement } from '../element';
import { traceGlyph, type GlyphFill, type GlyphShape, type PathPen } from './glyphs';

const ICON_SIZE = 14;
const ICON_RADIUS = 4.5;

/** A mark of a chart as an icon, for legends, chips and tables. Its colour is the text's, so CSS gives it. */
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
