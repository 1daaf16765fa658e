import type { PictureCandidate, StatisticsPicture } from '../../src/protocol/statistics';
import type { StatisticsTexts } from '../../src/protocol/statisticsView';
import type { GlyphFill } from '../shared/chart/glyphs';
import { markIcon } from '../shared/chart/markIcon';
import { element } from '../shared/element';
import { flipButton } from '../shared/flipButton';
import { rowAfterKey } from '../shared/table/rowWindow';
import { channelPoints } from './channelPoints';
import { lineShape, type LineShape } from './lineShape';
import { candidateFit, candidateText } from './wording';

/** Shapes look as labels do on other pages: full is right, hollow is doubtful, crossed is wrong. */
const shapeStyles: Readonly<
  Record<LineShape, { readonly label: string; readonly fill: GlyphFill }>
> = {
  line: { label: 'is-ok', fill: 'full' },
  loose: { label: 'is-warn', fill: 'hollow' },
  cloud: { label: 'is-bad', fill: 'crossed' },
};

/** Every candidate of a picture by kind, with its fit: an ARIA list box in which the chosen one is selected. */
export class CandidateList {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly flips: readonly HTMLButtonElement[];
  private picture: StatisticsPicture | null = null;
  private options: readonly HTMLElement[] = [];
  private chosen = 0;

  constructor(
    private readonly texts: StatisticsTexts,
    private readonly onChoose: (candidate: number) => void,
  ) {
    const attributes = { role: 'listbox', tabindex: 0, 'aria-label': texts.candidates };
    this.list = element('div', { class: 'candidate-list', attributes });
    this.flips = ([-1, 1] as const).map((step) => this.flipButton(step));
    this.element = element(
      'section',
      { class: 'candidates' },
      element(
        'div',
        { class: 'candidates-head' },
        element('h2', { text: texts.candidates }),
        element('span', { class: 'candidate-flips' }, ...this.flips),
      ),
      this.list,
    );
    this.list.addEventListener('keydown', (event) => {
      const row = rowAfterKey(event.key, this.chosen, this.options.length, this.options.length);
      if (row === null || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      onChoose(row);
    });
  }

  show(picture: StatisticsPicture, chosen: number): void {
    if (picture !== this.picture) this.write(picture);
    this.chosen = chosen;
    this.options.forEach((option, idx) => {
      option.setAttribute('aria-selected', String(idx === chosen));
    });
    const option = this.options[chosen];
    this.list.setAttribute('aria-activedescendant', option?.id ?? '');
    option?.scrollIntoView({ block: 'nearest' });
    for (const flip of this.flips) flip.disabled = this.options.length < 2;
  }

  /** Goes to the next candidate (1) or the one before (−1), around the ends. */
  flip(step: 1 | -1): void {
    const { length } = this.options;
    if (length > 1) this.onChoose((this.chosen + step + length) % length);
  }

  private write(picture: StatisticsPicture): void {
    this.picture = picture;
    const options: HTMLElement[] = [];
    // Candidates of a kind follow one another.
    const kinds = new Set(picture.candidates.map(({ kind }) => kind));
    const elements = Array.from(kinds, (kind) => {
      const id = `candidates-${kind}`;
      const head = element('div', {
        class: 'candidate-kind',
        text: this.texts.kinds[kind],
        attributes: { id, role: 'presentation' },
      });
      const rows = picture.candidates.flatMap((candidate, idx) =>
        candidate.kind === kind ? [this.option(picture, candidate, idx)] : [],
      );
      options.push(...rows);
      const attributes = { role: 'group', 'aria-labelledby': id };
      return element('div', { attributes }, head, ...rows);
    });
    this.options = options;
    this.list.replaceChildren(...elements);
  }

  private option(
    picture: StatisticsPicture,
    candidate: PictureCandidate,
    idx: number,
  ): HTMLElement {
    const text = candidateText(candidate, this.texts);
    const fit = candidateFit(candidate);
    const shape = lineShape(channelPoints(picture, candidate)) ?? 'cloud';
    const { label, fill } = shapeStyles[shape];
    const option = element(
      'div',
      {
        class: `candidate ${label}`,
        attributes: {
          id: `candidate-${idx}`,
          role: 'option',
          title: text,
          'aria-label': `${text}; ${fit}; ${this.texts.lines[shape]}`,
        },
      },
      markIcon('circle', fill),
      element('span', { class: 'candidate-name', text }),
      element('span', { class: 'candidate-fit', text: fit }),
    );
    option.addEventListener('click', () => {
      this.onChoose(idx);
    });
    return option;
  }

  private flipButton(step: 1 | -1): HTMLButtonElement {
    const { previousCandidate, nextCandidate } = this.texts;
    return flipButton(step, step === 1 ? nextCandidate : previousCandidate, () => {
      this.flip(step);
    });
  }
}
