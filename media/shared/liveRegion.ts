import { element, setText } from './element';

/** Screen readers need time to speak; more than one announcement in this time would be cut off. */
const PAUSE_MS = 2_000;

/** Says things to screen readers, politely and not too often: of many in a row the last is said. */
export class LiveRegion {
  readonly element = element('div', {
    class: 'visually-hidden',
    attributes: { role: 'status', 'aria-live': 'polite' },
  });
  private waiting: string | null = null;
  private timer: number | undefined;

  announce(sentence: string): void {
    if (this.timer !== undefined) {
      this.waiting = sentence;
      return;
    }
    setText(this.element, sentence);
    this.timer = window.setTimeout(() => {
      this.timer = undefined;
      const { waiting } = this;
      this.waiting = null;
      if (waiting !== null) this.announce(waiting);
    }, PAUSE_MS);
  }
}
