/** What an element is made of. Text goes in as text, so that no name from a file can ever be markup. */
export interface ElementParts {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** Makes an HTML element. An attribute that is `false` is left out. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  parts: ElementParts = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), parts, children);
}

/** Makes an SVG element. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  parts: ElementParts = {},
  ...children: readonly Node[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), parts, children);
}

/** Sets an element's text when it is another one, so that screen readers and layout hear of real changes only. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

function fill<E extends Element>(target: E, parts: ElementParts, children: readonly Node[]): E {
  if (parts.class !== undefined) target.setAttribute('class', parts.class);
  for (const [name, value] of Object.entries(parts.attributes ?? {})) {
    if (value !== false) target.setAttribute(name, value === true ? '' : String(value));
  }
  if (parts.text !== undefined) target.textContent = parts.text;
  target.append(...children);
  return target;
}
