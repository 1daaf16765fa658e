/** Outlines of the marks on charts. One is told from another by its shape alone, whatever the colours are. */
export type GlyphShape = 'circle' | 'diamond';

/** Fill tells a label: full is right, hollow is doubtful, crossed is wrong. */
export type GlyphFill = 'full' | 'hollow' | 'crossed';

/** What both a canvas path and the text of an SVG path can do. */
export interface PathPen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  arc(x: number, y: number, radius: number, from: number, to: number): void;
  closePath(): void;
}

/** Adds a glyph of the given radius to a path: its outline, and the cross inside. */
export function traceGlyph(
  pen: PathPen,
  shape: GlyphShape,
  fill: GlyphFill,
  x: number,
  y: number,
  radius: number,
): void {
  if (shape === 'circle') {
    pen.moveTo(x + radius, y);
    pen.arc(x, y, radius, 0, 2 * Math.PI);
  } else {
    // A diamond of the same area as the circle.
    const reach = radius * DIAMOND_REACH;
    pen.moveTo(x, y - reach);
    pen.lineTo(x + reach, y);
    pen.lineTo(x, y + reach);
    pen.lineTo(x - reach, y);
    pen.closePath();
  }
  if (fill !== 'crossed') return;
  const arm = radius * CROSS_REACH;
  pen.moveTo(x - arm, y - arm);
  pen.lineTo(x + arm, y + arm);
  pen.moveTo(x + arm, y - arm);
  pen.lineTo(x - arm, y + arm);
}

const DIAMOND_REACH = Math.sqrt(Math.PI / 2);
const CROSS_REACH = 0.55;
