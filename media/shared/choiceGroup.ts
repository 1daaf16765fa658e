import { element } from './element';

export interface Choice<T extends string> {
  readonly value: T;
  readonly text: string;
  /** Drawn in front of the text. */
  readonly icon?: () => Node;
  /** Left out, but keeps its place among the others. */
  readonly isHidden?: boolean;
}

/** Buttons of which one is pressed, as an ARIA radio group: one stop of the Tab key, arrows inside. */
export class ChoiceGroup<T extends string> {
  readonly element: HTMLElement;
  private readonly buttons = new Map<T, HTMLButtonElement>();

  constructor(
    label: string,
    private readonly onChoose: (value: T) => void,
  ) {
    const attributes = { role: 'radiogroup', 'aria-label': label };
    this.element = element('div', { class: 'choices', attributes });
    this.element.addEventListener('keydown', (event) => {
      this.onKey(event);
    });
  }

  /** Shows the choices, in order, with `chosen` pressed. */
  show(choices: readonly Choice<T>[], chosen: T): void {
    for (const { value, text, icon, isHidden = false } of choices) {
      const button = this.buttons.get(value) ?? this.add(value);
      if (button.textContent !== text) {
        button.replaceChildren(...(icon === undefined ? [] : [icon()]), text);
      }
      button.hidden = isHidden;
      button.dataset['value'] = value;
      button.setAttribute('aria-checked', String(value === chosen));
      button.tabIndex = value === chosen ? 0 : -1;
    }
  }

  private add(value: T): HTMLButtonElement {
    const attributes = { type: 'button', role: 'radio' };
    const button = element('button', { class: 'choice', attributes });
    button.addEventListener('click', () => {
      this.onChoose(value);
    });
    this.buttons.set(value, button);
    this.element.append(button);
    return button;
  }

  private onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const entries = [...this.buttons].filter(([, { hidden }]) => !hidden);
    const current = entries.findIndex(([, button]) => button === document.activeElement);
    const [value, button] = entries[(current + step + entries.length) % entries.length] ?? [];
    if (value === undefined || button === undefined) return;
    event.preventDefault();
    button.focus();
    this.onChoose(value);
  }
}
