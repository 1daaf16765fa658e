import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type {
  ShownPair,
  StatisticsContent,
  StatisticsTexts,
  TestRun,
} from '../../src/protocol/statisticsView';
import { secondaryButton } from '../shared/button';
import type { GlyphFill } from '../shared/chart/glyphs';
import { markIcon } from '../shared/chart/markIcon';
import { element, setText } from '../shared/element';
import { flipButton } from '../shared/flipButton';

export interface PairHeaderEvents {
  readonly onPair: (id: string) => void;
  readonly onReveal: () => void;
  readonly onTest: () => void;
  readonly onStop: () => void;
}

/** How a finding looks: full is right, hollow says nothing, crossed is wrong. */
const findingStyles: Readonly<
  Record<
    NonNullable<ShownPair['finding']>['says'] | 'unasked',
    { readonly label: string; readonly fill: GlyphFill }
  >
> = {
  confirms: { label: 'is-ok', fill: 'full' },
  silent: { label: 'is-none', fill: 'hollow' },
  contradicts: { label: 'is-bad', fill: 'crossed' },
  unasked: { label: 'is-none', fill: 'hollow' },
};

/** What the file's statistics say, which pair is shown, what they say of it, and how far a test is. */
export class PairHeader {
  readonly element: HTMLElement;
  private readonly title = element('h1');
  private readonly sentence = element('p', { class: 'facts-line' });
  private readonly pairs: HTMLSelectElement;
  private readonly flips: readonly HTMLButtonElement[];
  private readonly position = element('span', { class: 'faint' });
  private readonly nav: HTMLElement;
  private readonly finding = element('p', { class: 'finding' });
  private readonly progress = element('vscode-progress-bar');
  private readonly progressText = element('span');
  private readonly running: HTMLElement;
  private readonly test: HTMLElement;
  private shown: readonly ShownPair[] = [];

  constructor(
    private readonly texts: StatisticsTexts,
    private readonly events: PairHeaderEvents,
  ) {
    this.pairs = element('select', {
      class: 'pair-select',
      attributes: { 'aria-label': texts.pair },
    });
    this.pairs.addEventListener('change', () => {
      events.onPair(this.pairs.value);
    });
    const [previous, next] = [
      flipButton(-1, texts.previousPair, () => {
        this.flip(-1);
      }),
      flipButton(1, texts.nextPair, () => {
        this.flip(1);
      }),
    ];
    this.flips = [previous, next];
    const reveal = element('button', {
      class: 'link',
      text: texts.reveal,
      attributes: { type: 'button' },
    });
    reveal.addEventListener('click', events.onReveal);
    this.test = secondaryButton(texts.test, events.onTest);
    this.progress.ariaLabel = texts.testing;
    this.nav = element(
      'nav',
      { class: 'pair-nav', attributes: { 'aria-label': texts.pair } },
      element('div', { class: 'pair-choice' }, previous, this.pairs, next),
      this.position,
      reveal,
    );
    this.running = element(
      'div',
      { class: 'running' },
      element('div', { class: 'running-bar' }, this.progress),
      this.progressText,
      secondaryButton(texts.stop, events.onStop),
    );
    this.element = element(
      'header',
      { class: 'page-head' },
      element(
        'div',
        { class: 'page-title' },
        element('div', {}, this.title, this.sentence),
        element('div', { class: 'actions' }, this.test),
      ),
      this.running,
      this.nav,
      this.finding,
    );
  }

  /** `canTest` offers a test of the model. */
  show(content: StatisticsContent, pair: ShownPair | undefined, canTest: boolean): void {
    const { texts } = this;
    setText(this.title, content.name);
    setText(this.sentence, content.sentence);
    this.test.hidden = !canTest;
    if (content.pairs !== this.shown) this.writePairs(content.pairs);
    this.nav.hidden = pair === undefined;
    this.finding.hidden = pair === undefined;
    if (pair === undefined) return;
    this.pairs.value = pair.id;
    this.pairs.title = pair.id;
    const place = content.pairs.indexOf(pair) + 1;
    setText(this.position, fillPlaces(texts.position, place, content.pairs.length));
    for (const flip of this.flips) flip.disabled = content.pairs.length < 2;
    this.finding.replaceChildren(...findingParts(pair, texts));
  }

  /** Shows how far a test is. */
  showRun(run: TestRun): void {
    this.running.hidden = run.kind !== 'running';
    // It would say that there was no test yet.
    this.sentence.hidden = run.kind === 'running';
    if (run.kind !== 'running') return;
    const isKnown = run.total > 0;
    this.progress.indeterminate = !isKnown;
    this.progress.max = Math.max(run.total, 1);
    this.progress.value = run.done;
    const percent = isKnown ? ` ${Math.floor((100 * run.done) / run.total)} %` : '';
    setText(this.progressText, `${this.texts.testing}${percent}`);
  }

  private flip(step: 1 | -1): void {
    const { shown } = this;
    const place = shown.findIndex(({ id }) => id === this.pairs.value);
    const pair = shown[(place + step + shown.length) % shown.length];
    if (pair !== undefined) this.events.onPair(pair.id);
  }

  private writePairs(pairs: readonly ShownPair[]): void {
    this.shown = pairs;
    const options = pairs.map((pair) => {
      const text = `${pair.id} · ${findingWord(pair, this.texts)}`;
      return element('option', { text, attributes: { value: pair.id } });
    });
    this.pairs.replaceChildren(...options);
  }
}

function findingParts(pair: ShownPair, texts: StatisticsTexts): readonly Node[] {
  const { label, fill } = findingStyles[pair.finding?.says ?? 'unasked'];
  const badge = element(
    'span',
    { class: `badge ${label}` },
    markIcon('circle', fill),
    element('strong', { text: findingWord(pair, texts) }),
  );
  const about = `${texts.verdicts[pair.verdict]} · ${pair.conv} + ${pair.bn}`;
  const sentence = pair.finding === null ? [] : [element('span', { text: pair.finding.sentence })];
  return [badge, element('span', { class: 'faint', text: about }), ...sentence];
}

function findingWord({ finding }: ShownPair, texts: StatisticsTexts): string {
  return finding === null ? texts.unasked : texts.says[finding.says];
}
