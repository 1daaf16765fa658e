import { element } from './element';

/** An arrow that goes to the next of several things (1) or to the one before (−1). */
export function flipButton(step: 1 | -1, label: string, onFlip: () => void): HTMLButtonElement {
  const button = element('button', {
    class: 'flip',
    text: step === 1 ? '›' : '‹',
    attributes: { type: 'button', title: label, 'aria-label': label },
  });
  button.addEventListener('click', onFlip);
  return button;
}
