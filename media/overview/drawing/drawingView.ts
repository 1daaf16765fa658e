import type {
  ConnectionBasis,
  SurroundingLayer,
  Surroundings,
} from '../../../src/core/model/surroundings';
import { fillPlaces } from '../../../src/core/wording/fillPlaces';
import { layerLabel } from '../../../src/core/wording/layerLabel';
import type { OverviewTexts } from '../../../src/protocol/overviewView';
import { element, svgElement } from '../../shared/element';
import { layoutDrawing, type Box, type Line } from './layout';

/** What a box says, where more is known of its layer than its type. */
export interface KnownLayer {
  readonly summary: string;
}

export interface DrawingEvents {
  /** What is known of a layer by its name; null for those of no pair. */
  readonly describe: (layer: string) => KnownLayer | null;
  readonly onLayer: (layer: string) => void;
}

const ARROW = 4;
const SAMPLE_WIDTH = 24;

/** The layers around a pair as boxes and arrows, each arrow drawn by how it is known. Boxes are buttons. */
export class DrawingView {
  readonly element = element('figure', { class: 'drawing' });
  private readonly stage = element('div', { class: 'drawing-stage' });
  private shown: Surroundings | null = null;
  private width = 0;

  constructor(
    private readonly texts: OverviewTexts,
    private readonly events: DrawingEvents,
  ) {
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width === this.width) return;
      this.width = width;
      this.draw();
    }).observe(this.stage);
  }

  show(surroundings: Surroundings, label: string): void {
    this.shown = surroundings;
    this.stage.setAttribute('role', 'group');
    this.stage.setAttribute('aria-label', label);
    this.element.replaceChildren(this.stage, this.legend(surroundings));
    this.draw();
  }

  private draw(): void {
    const { shown, width } = this;
    if (shown === null || width === 0) return;
    const { boxes, lines, height } = layoutDrawing(shown, width);
    const picture = svgElement(
      'svg',
      { class: 'drawing-lines', attributes: { width, height, 'aria-hidden': 'true' } },
      ...lines.flatMap(drawLine),
    );
    this.stage.style.setProperty('height', `${height}px`);
    // The keyboard goes from top to bottom.
    const order = shown.layers.map((layer, idx) => ({ layer, box: boxes[idx] }));
    order.sort((a, b) => a.layer.row - b.layer.row);
    const buttons = order.flatMap(({ layer, box }) =>
      box === undefined ? [] : [this.box(layer, box)],
    );
    this.stage.replaceChildren(picture, ...buttons);
  }

  private box(layer: SurroundingLayer, box: Box): HTMLElement {
    const { texts } = this;
    const { role, kind, name, type } = layer;
    const isOpen = kind === 'layer';
    const [first, second] = this.lines(layer);
    const more = moreText(layer);
    const target = element(
      isOpen ? 'button' : 'div',
      { class: `layer is-${role} is-${kind}` },
      element('span', { class: 'layer-type', text: first }),
      ...(second === '' ? [] : [element('span', { class: 'layer-name', text: second })]),
      ...(more === '' ? [] : [element('span', { class: 'layer-more', text: more })]),
    );
    target.title = [`${texts.roles[role]}: ${type}`.replace(/: $/, ''), name].join('\n');
    target.setAttribute('aria-label', [texts.roles[role], first, name].join(', '));
    for (const [property, value] of Object.entries(box)) {
      target.style.setProperty(
        property === 'x' ? 'left' : property === 'y' ? 'top' : property,
        `${Number(value)}px`,
      );
    }
    if (isOpen) {
      target.setAttribute('type', 'button');
      target.addEventListener('click', () => {
        this.events.onLayer(name);
      });
    }
    return target;
  }

  private lines({ kind, name, type }: SurroundingLayer): readonly [string, string] {
    switch (kind) {
      case 'input':
        return [this.texts.networkInput, name];
      case 'output':
        return [this.texts.networkOutput, name];
      case 'words':
        return [name, ''];
      case 'layer': {
        const summary = this.events.describe(name)?.summary ?? type;
        const label = layerLabel(name, type);
        return summary === '' ? [label, ''] : [summary, label];
      }
    }
  }

  /** How the arrows are known, and whether nothing is known of the convolution's input. */
  private legend({ layers, connections }: Surroundings): HTMLElement {
    const { texts } = this;
    const bases = new Set(connections.map(({ basis }) => basis));
    const conv = layers.findIndex(({ role }) => role === 'conv');
    const isFed = connections.some(({ to }) => to === conv);
    const isGraph = bases.size === 1 && bases.has('graph');
    const entries = allBases
      .filter((basis) => bases.has(basis))
      .map((basis) => element('span', { class: 'badge' }, sample(basis), word(texts.bases[basis])));
    const hints = isFed || isGraph ? [] : [word(texts.unknownInput)];
    return element('figcaption', { class: 'drawing-legend faint small' }, ...entries, ...hints);
  }
}

const allBases: readonly ConnectionBasis[] = ['graph', 'sequence', 'statistics', 'names', 'order'];

function drawLine({ path, tip, basis }: Line): SVGElement[] {
  const { x, y, isSideways } = tip;
  const arrow = isSideways
    ? `M${x - ARROW - 1} ${y - ARROW}L${x} ${y}L${x - ARROW - 1} ${y + ARROW}`
    : `M${x - ARROW} ${y - ARROW - 1}L${x} ${y}L${x + ARROW} ${y - ARROW - 1}`;
  return [
    svgElement('path', { class: `line is-by-${basis}`, attributes: { d: path } }),
    svgElement('path', { class: 'line', attributes: { d: arrow } }),
  ];
}

function sample(basis: ConnectionBasis): SVGElement {
  const attributes = { width: SAMPLE_WIDTH, height: 10, 'aria-hidden': 'true' };
  const path = { d: `M1 5H${SAMPLE_WIDTH - 1}` };
  return svgElement(
    'svg',
    { attributes },
    svgElement('path', { class: `line is-by-${basis}`, attributes: path }),
  );
}

function word(text: string): HTMLElement {
  return element('span', { text });
}

function moreText({ moreInputs, moreReaders }: SurroundingLayer): string {
  return [
    ...(moreInputs > 0 ? [fillPlaces('+{0} ↑', moreInputs)] : []),
    ...(moreReaders > 0 ? [fillPlaces('+{0} ↓', moreReaders)] : []),
  ].join(' ');
}
