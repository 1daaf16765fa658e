import type { Testimonies } from './testimonies';

/** Where jobs get testimonies from. */
export type TestimonySource = Pick<Testimonies, 'of'>;

/** Testimonies whose code is loaded when the first one is asked for: most jobs ask for none. */
export class LazyTestimonies implements TestimonySource {
  private loaded: Testimonies | null = null;

  /** See Testimonies. */
  constructor(
    private readonly scripts: string,
    private readonly cacheFolder: string | null,
  ) {}

  async of(...asked: Parameters<Testimonies['of']>): ReturnType<Testimonies['of']> {
    const { Testimonies } = await import('./testimonies');
    this.loaded ??= new Testimonies(this.scripts, this.cacheFolder);
    return this.loaded.of(...asked);
  }
}
