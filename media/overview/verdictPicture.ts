import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type { OverviewReport, OverviewTexts, RowKind } from '../../src/protocol/overviewView';
import { ChoiceGroup } from '../shared/choiceGroup';
import { element } from '../shared/element';
import { verdictIcon } from './verdictIcon';
import { rowKinds, type KindFilter } from './viewState';

/** The counts as a bar of four kinds, told apart by colour and by pattern, and below it the same as a filter. */
export class VerdictPicture {
  readonly bar: HTMLElement;
  readonly choices: ChoiceGroup<KindFilter>;
  private drawn = '';

  constructor(
    private readonly texts: OverviewTexts,
    private readonly onKind: (kind: KindFilter) => void,
  ) {
    this.bar = element('div', { class: 'verdict-bar', attributes: { role: 'img' } });
    this.choices = new ChoiceGroup(texts.showKinds, onKind);
  }

  show({ counts }: OverviewReport, chosen: KindFilter): void {
    const { texts } = this;
    const present = rowKinds.filter((kind) => counts[kind] > 0);
    const words = present.map((kind) => `${counts[kind]} ${texts.kinds[kind]}`).join(', ');
    if (words !== this.drawn) {
      this.drawn = words;
      this.bar.setAttribute('aria-label', fillPlaces(texts.picture, words));
      this.bar.replaceChildren(...present.map((kind) => this.segment(kind, counts[kind])));
    }
    this.bar.hidden = present.length === 0;
    this.bar.dataset['chosen'] = chosen;
    const total = rowKinds.reduce((sum, kind) => sum + counts[kind], 0);
    this.choices.show(
      [
        { value: 'all', text: `${texts.all} ${total}` },
        ...rowKinds.map((value) => ({
          value,
          text: `${texts.kinds[value]} ${counts[value]}`,
          icon: () => verdictIcon(value),
          isHidden: counts[value] === 0 && value !== chosen,
        })),
      ],
      chosen,
    );
  }

  /** A shortcut for the mouse; the keyboard has the choices below. */
  private segment(kind: RowKind, count: number): HTMLElement {
    const segment = element('div', { class: `verdict-segment is-${kind}` });
    segment.title = `${count} ${this.texts.kinds[kind]}`;
    segment.dataset['kind'] = kind;
    segment.style.setProperty('flex-grow', String(count));
    segment.addEventListener('click', () => {
      this.onKind(kind);
    });
    return segment;
  }
}
