import '@vscode-elements/elements/dist/vscode-button/index.js';
import { element } from './element';

/** One of several things that can be done; none of them is the main one. */
export function secondaryButton(text: string, onClick: () => void): HTMLElement {
  const button = element('vscode-button', { text });
  button.secondary = true;
  button.addEventListener('click', onClick);
  return button;
}
