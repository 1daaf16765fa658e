/** An area of a chart, in CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A place on a chart, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
