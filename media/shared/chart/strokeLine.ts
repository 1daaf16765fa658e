import type { Point } from './box';

/** Draws a straight line with the context's own width and dashes. */
export function strokeLine(
  context: CanvasRenderingContext2D,
  color: string,
  from: Point,
  to: Point,
  opacity = 1,
): void {
  context.strokeStyle = color;
  context.globalAlpha = opacity;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  context.globalAlpha = 1;
}

/** A line one pixel wide is sharp between two pixels. */
export function crisp(position: number): number {
  return Math.round(position) + 0.5;
}
