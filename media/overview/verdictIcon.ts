import type { RowKind } from '../../src/protocol/overviewView';
import { svgElement } from '../shared/element';

/** A verdict as a shape; `confirmed` is a fusable pair that its statistics prove. */
export type VerdictMark = RowKind | 'confirmed';

const SIZE = 16;
const CHECK = 'M5 8.2 7.2 10.4 11 5.8';

/** What stands inside the circle. The shapes are those of the tree and the lenses. */
const signs: Readonly<Record<VerdictMark, string>> = {
  fusable: CHECK,
  confirmed: CHECK,
  skipped: 'M3.8 12.2 12.2 3.8',
  blocked: 'M5.6 5.6 10.4 10.4M10.4 5.6 5.6 10.4',
  unpaired: 'M5.4 8H10.6',
};

/** The icon of a verdict. Its colour comes from CSS, and tells nothing that its shape does not. */
export function verdictIcon(mark: VerdictMark): SVGElement {
  const attributes = { viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE };
  const circle = { cx: SIZE / 2, cy: SIZE / 2, r: 6 };
  return svgElement(
    'svg',
    { class: `verdict-icon is-${mark}`, attributes: { ...attributes, 'aria-hidden': 'true' } },
    svgElement('circle', { attributes: circle }),
    svgElement('path', { attributes: { d: signs[mark] } }),
  );
}
