import { element } from '../element';

/** Pixels between the pointer and its tip. */
const GAP = 14;

/** The small box beside the pointer that explains what is below it. Screen readers hear of the same elsewhere. */
export class Tip<T> {
  readonly element = element('div', { class: 'tip', attributes: { 'aria-hidden': 'true' } });
  private shown: T | null = null;

  /** `write` makes the content for what is pointed at. */
  constructor(private readonly write: (subject: T) => readonly Node[]) {
    this.element.hidden = true;
  }

  /** Shows the subject beside a point of the parent element, on the side that has room. */
  show(subject: T, x: number, y: number): void {
    if (subject !== this.shown) {
      this.shown = subject;
      this.element.replaceChildren(...this.write(subject));
    }
    this.element.hidden = false;
    const { parentElement, offsetWidth, offsetHeight } = this.element;
    const room = {
      width: parentElement?.clientWidth ?? 0,
      height: parentElement?.clientHeight ?? 0,
    };
    const left = x + GAP + offsetWidth > room.width ? x - GAP - offsetWidth : x + GAP;
    const top = Math.min(Math.max(y - offsetHeight / 2, 0), room.height - offsetHeight);
    this.element.style.setProperty('transform', `translate(${Math.max(left, 0)}px, ${top}px)`);
  }

  hide(): void {
    this.element.hidden = true;
  }
}
