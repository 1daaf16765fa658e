/** Draws what `paint` paints, in CSS pixels, sharp on every screen and at most once a frame. */
export class CanvasSurface {
  readonly canvas = document.createElement('canvas');
  private frame = 0;
  private size = { width: 0, height: 0 };

  constructor(
    private readonly paint: (
      context: CanvasRenderingContext2D,
      width: number,
      height: number,
    ) => void,
  ) {
    this.canvas.setAttribute('aria-hidden', 'true');
    new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      this.size = { width, height };
      this.draw();
    }).observe(this.canvas);
  }

  /** Width and height in CSS pixels. */
  get box(): { readonly width: number; readonly height: number } {
    return this.size;
  }

  /** Asks for a drawing in the next frame. */
  requestDraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { width, height } = this.size;
    const context = this.canvas.getContext('2d');
    if (context === null || width === 0 || height === 0) return;
    const ratio = window.devicePixelRatio;
    const [deviceWidth, deviceHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
    // Setting a size, even the same one, throws the canvas' memory away.
    if (this.canvas.width !== deviceWidth) this.canvas.width = deviceWidth;
    if (this.canvas.height !== deviceHeight) this.canvas.height = deviceHeight;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.paint(context, width, height);
  }
}
