import type { Surroundings } from '../../src/core/model/surroundings';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import { fitText } from '../../src/core/wording/findingText';
import type { OverviewFinding, OverviewPair, OverviewTexts } from '../../src/protocol/overviewView';
import { element } from '../shared/element';
import { DrawingView, type KnownLayer } from './drawing/drawingView';
import type { OverviewRow } from './overviewRows';
import { markOf } from './pairTable';
import { verdictIcon } from './verdictIcon';
import { epsText } from './wording';

export interface PairPaneEvents {
  /** A drawing is wanted that has not arrived yet. */
  readonly onWantSurroundings: (id: string) => void;
  readonly describe: (layer: string) => KnownLayer | null;
  /** A layer of the drawing was clicked. */
  readonly onLayer: (layer: string) => void;
  readonly onReveal: (row: OverviewRow) => void;
  readonly onPair: (action: 'fusePair' | 'pairDrift' | 'pairStatistics', id: string) => void;
}

/** What a drawing is: there, on its way, or why there is none. */
type Drawn =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'ready'; readonly surroundings: Surroundings };

/** The chosen pair in full: the layers around it, why it got its verdict, and everything known of it. */
export class PairPane {
  readonly element = element('aside', { class: 'side' });
  private readonly drawings = new Map<string, Drawn>();
  private readonly drawing: DrawingView;
  /** What the pane is drawn from; it is drawn anew only when one of these is another one. */
  private drawn: readonly unknown[] = [];

  constructor(
    private readonly texts: OverviewTexts,
    private readonly events: PairPaneEvents,
  ) {
    this.drawing = new DrawingView(texts, events);
  }

  show(row: OverviewRow | null, hasPictures: boolean): void {
    const pair = row?.pair ?? null;
    const drawn = pair === null ? null : this.drawingOf(pair.id);
    const parts = [row, drawn, hasPictures];
    if (parts.every((part, idx) => part === this.drawn[idx]) && this.drawn.length > 0) return;
    const isOther = (this.drawn[0] as OverviewRow | null | undefined)?.id !== row?.id;
    this.drawn = parts;
    if (row === null) this.element.replaceChildren();
    else this.element.replaceChildren(this.article(row, drawn, hasPictures));
    if (isOther) this.element.scrollTop = 0;
  }

  /** Takes a drawing that has arrived. */
  receive(id: string, surroundings: Surroundings | null, failure: string | null): void {
    if (surroundings !== null) this.drawings.set(id, { kind: 'ready', surroundings });
    else this.drawings.set(id, { kind: 'failed', sentence: failure ?? '' });
  }

  /** Another reading of the file makes old drawings void. */
  forget(): void {
    this.drawings.clear();
    this.drawn = [];
  }

  private drawingOf(id: string): Drawn {
    const known = this.drawings.get(id);
    if (known !== undefined) return known;
    this.drawings.set(id, loading);
    this.events.onWantSurroundings(id);
    return loading;
  }

  private article(row: OverviewRow, drawn: Drawn | null, hasPictures: boolean): HTMLElement {
    const { texts } = this;
    const { pair } = row;
    const name = pair?.convLabel ?? row.bn;
    const badge = element(
      'span',
      { class: 'badge' },
      verdictIcon(markOf(row)),
      element('span', { text: texts.kinds[row.kind] }),
    );
    const partner =
      pair === null ? [] : [element('span', { class: 'faint', text: `+ ${pair.bnLabel}` })];
    const reasons = row.reasons.map((text) => element('li', { text }));
    return element(
      'article',
      { class: 'pair', attributes: { 'aria-label': name } },
      element(
        'div',
        { class: 'pair-head' },
        element('h2', { text: name }),
        element('p', { class: 'pair-line' }, badge, ...partner),
        element('p', { class: 'pair-line' }, ...this.actions(row, hasPictures)),
      ),
      ...(reasons.length === 0 ? [] : [element('ul', { class: 'reasons' }, ...reasons)]),
      ...(drawn === null ? [] : [this.picture(drawn, name)]),
      ...(pair === null ? [] : [facts(pair, texts)]),
    );
  }

  private actions(row: OverviewRow, hasPictures: boolean): readonly HTMLElement[] {
    const { texts, events } = this;
    const { pair } = row;
    const reveal = link(texts.reveal, () => {
      events.onReveal(row);
    });
    if (pair === null) return [reveal];
    const about = (action: Parameters<PairPaneEvents['onPair']>[0], text: string): HTMLElement =>
      link(text, () => {
        events.onPair(action, pair.id);
      });
    const isFusable = pair.verdict === 'fusable';
    const fuse = pair.verdict === 'blocked' ? texts.fuseAnyway : texts.fuseThis;
    return [
      reveal,
      ...(pair.isChoosable ? [about('fusePair', fuse)] : []),
      ...(isFusable ? [about('pairDrift', texts.pairDrift)] : []),
      ...(hasPictures ? [about('pairStatistics', texts.pairStatistics)] : []),
    ];
  }

  private picture(drawn: Drawn, name: string): HTMLElement {
    switch (drawn.kind) {
      case 'loading':
        return element('p', { class: 'faint', text: this.texts.loading });
      case 'failed':
        return element('p', { class: 'faint', text: drawn.sentence });
      case 'ready':
        this.drawing.show(drawn.surroundings, fillPlaces(this.texts.drawing, name));
        return this.drawing.element;
    }
  }
}

const loading: Drawn = { kind: 'loading' };

function facts(pair: OverviewPair, texts: OverviewTexts): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    ...(pair.convLabel === pair.conv ? [] : [[texts.facts.name, pair.conv] as const]),
    [texts.facts.weight, `${pair.weight} [${pair.shape.join(', ')}]`],
    [texts.facts.bias, pair.hasBias ? texts.hasBias : texts.noBias],
    [texts.facts.batchNorm, fillPlaces(texts.channels, pair.bnType, pair.channels)],
    [texts.facts.eps, epsText(pair, texts)],
    [texts.facts.knownBy, texts.evidenceHelp[pair.evidence]],
    ...findingFacts(pair.finding, texts),
  ];
  return element(
    'dl',
    { class: 'facts' },
    ...rows.flatMap(([name, value]) => [
      element('dt', { text: name }),
      element('dd', { text: value }),
    ]),
  );
}

function findingFacts(
  finding: OverviewFinding | null,
  texts: OverviewTexts,
): readonly (readonly [string, string])[] {
  if (finding === null) return [];
  const { says, fit, sentence, fedBy } = finding;
  const said = fit === null ? texts.says[says] : `${texts.says[says]} ${fitText(fit)}`;
  return [
    [texts.facts.statistics, `${said}. ${sentence}`],
    ...(fedBy === null ? [] : [[texts.facts.fedBy, fedBy] as const]),
  ];
}

function link(text: string, onClick: () => void): HTMLElement {
  const made = element('button', { class: 'link', text, attributes: { type: 'button' } });
  made.addEventListener('click', onClick);
  return made;
}
