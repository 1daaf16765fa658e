import type {
  FromStatisticsView,
  ShownPair,
  StatisticsContent,
  StatisticsTexts,
  TestRun,
  ToStatisticsView,
} from '../../src/protocol/statisticsView';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type { StatisticsPicture } from '../../src/protocol/statistics';
import { ChoiceGroup } from '../shared/choiceGroup';
import { element, setText } from '../shared/element';
import { LiveRegion } from '../shared/liveRegion';
import { orderAfterClick } from '../shared/table/sortOrder';
import { CandidateList } from './candidateList';
import { channelPoints, nearDistance, sortedPoints } from './channelPoints';
import { ChannelTable } from './channelTable';
import { Legend } from './chart/legend';
import { ScatterView } from './chart/scatterView';
import { PairHeader } from './pairHeader';
import { Pictures, type PictureState } from './pictures';
import { units, viewOfOther, type Unit, type ViewState } from './viewState';
import { candidateText, chartSentence } from './wording';

type Show = Extract<ToStatisticsView, { type: 'show' }>;

/** What the page asks of its surroundings. */
export interface PageEvents {
  readonly send: (message: FromStatisticsView) => void;
  /** Another pair is shown now, or the same one in another way. */
  readonly onChange: (path: string, id: string, view: ViewState) => void;
}

/** The whole page, built from one `show` message; later messages change it in place. */
export class StatisticsPage {
  readonly element: HTMLElement;
  private readonly texts: StatisticsTexts;
  private content: StatisticsContent;
  private run: TestRun;
  private id: string;
  private readonly pictures: Pictures;
  private readonly header: PairHeader;
  private readonly caption = element('h2');
  private readonly legend: Legend;
  private readonly units: ChoiceGroup<Unit>;
  private readonly scatter: ScatterView;
  private readonly candidates: CandidateList;
  private readonly table: ChannelTable;
  private readonly selection = element('p', { class: 'faint small' });
  private readonly note = element('p', { class: 'note' });
  private readonly body: HTMLElement;
  private readonly live = new LiveRegion();
  private announced = '';

  constructor(
    show: Show,
    private view: ViewState,
    private readonly events: PageEvents,
  ) {
    const { texts, content, run, id } = show;
    const { send } = events;
    [this.texts, this.content, this.run, this.id] = [texts, content, run, id];
    this.pictures = new Pictures((wanted) => {
      send({ type: 'picture', id: wanted });
    });
    this.header = new PairHeader(texts, {
      onPair: (pair) => {
        this.select(pair);
      },
      onReveal: () => {
        send({ type: 'reveal', id: this.id });
      },
      onTest: () => {
        send({ type: 'test' });
      },
      onStop: () => {
        send({ type: 'stop' });
      },
    });
    const onHover = (channel: number | null): void => {
      this.scatter.hover(channel);
      this.table.mark(channel);
    };
    const onSelect = (channel: number | null): void => {
      this.change({ channel });
    };
    this.candidates = new CandidateList(texts, (candidate) => {
      this.change({ candidate });
    });
    this.scatter = new ScatterView(texts, {
      onSelect,
      onHover,
      onFlip: (step) => {
        this.candidates.flip(step);
      },
    });
    this.table = new ChannelTable(texts, {
      onSelect,
      onHover,
      onSort: (column) => {
        this.change({ sort: orderAfterClick(this.view.sort, column) });
      },
    });
    this.units = new ChoiceGroup(texts.units, (unit) => {
      this.change({ unit });
    });
    this.legend = new Legend(texts);
    this.body = this.makeBody();
    const attributes = { 'aria-label': texts.title };
    this.element = element(
      'main',
      { class: 'page', attributes },
      this.header.element,
      this.note,
      this.body,
      this.live.element,
    );
    this.update();
  }

  /** Takes a message of the host other than `show`. */
  receive(message: Exclude<ToStatisticsView, { type: 'show' }>): void {
    switch (message.type) {
      case 'content':
        this.takeContent(message.content);
        break;
      case 'run':
        this.takeRun(message.run);
        break;
      case 'picture':
        this.pictures.receive(message);
        break;
      case 'select':
        this.select(message.id);
        return;
    }
    this.update();
  }

  private takeContent(content: StatisticsContent): void {
    // The host tells of other changes too; pictures stay as long as all findings do.
    if (!isSame(content.pairs, this.content.pairs)) this.pictures.forget();
    this.content = content;
  }

  private takeRun(run: TestRun): void {
    if (run.kind === 'running' && this.run.kind === 'ended') {
      this.pictures.forgetFailures();
      this.live.announce(this.texts.testing);
    }
    if (run.kind === 'ended' && this.run.kind === 'running') {
      this.live.announce(this.content.sentence);
    }
    this.run = run;
  }

  private select(id: string): void {
    if (id === this.id || this.content.pairs.every((pair) => pair.id !== id)) return;
    this.id = id;
    this.change(viewOfOther(this.view));
  }

  private change(part: Partial<ViewState>): void {
    this.view = { ...this.view, ...part };
    this.update();
    this.events.onChange(this.content.path, this.id, this.view);
  }

  private update(): void {
    const { content, texts, run } = this;
    const pair = content.pairs.find(({ id }) => id === this.id) ?? content.pairs[0];
    if (pair !== undefined) this.id = pair.id;
    const state = pair === undefined ? null : this.pictures.of(pair.id);
    const canTest = state?.kind === 'failed' && run.kind === 'ended';
    this.header.show(content, pair, canTest);
    this.header.showRun(run);
    setText(this.note, noteText(state, run, texts));
    this.note.hidden = this.note.textContent === '';
    this.body.hidden = pair === undefined || state?.kind !== 'ready';
    this.element.dataset['pair'] = state?.kind === 'ready' ? this.id : '';
    if (pair !== undefined && state?.kind === 'ready') this.showPicture(pair, state.picture);
    setText(document.head.querySelector('title') ?? document.createElement('title'), texts.title);
  }

  private showPicture(pair: ShownPair, picture: StatisticsPicture): void {
    const { texts, view } = this;
    const chosen = view.candidate < picture.candidates.length ? view.candidate : 0;
    const candidate = picture.candidates[chosen];
    const points = channelPoints(picture, candidate);
    const ordered = sortedPoints(points, view.sort);
    const summary =
      candidate === undefined ? texts.unpredicted : chartSentence(points, candidate, texts);
    setText(this.caption, summary);
    this.legend.show(points, nearDistance(picture));
    this.units.show(
      units.map((value) => ({
        value,
        text: value === 'means' ? texts.unitMean : texts.unitStd,
      })),
      view.unit,
    );
    this.scatter.element.hidden = candidate === undefined;
    this.candidates.element.hidden = candidate === undefined;
    this.scatter.show({ picture, points, ordered, view, summary });
    this.candidates.show(picture, chosen);
    this.table.show(ordered, view.sort, view.channel);
    const isPart = picture.channels.length < pair.channels;
    this.selection.hidden = !isPart;
    setText(
      this.selection,
      isPart ? fillPlaces(texts.selection, picture.channels.length, pair.channels) : '',
    );
    const news = [pair.id, ...(candidate === undefined ? [] : [candidateText(candidate, texts)])];
    this.announce([...news, summary].join('; '));
  }

  /** Says what is shown once, not at every change of the view. */
  private announce(sentence: string): void {
    if (sentence === this.announced) return;
    this.announced = sentence;
    this.live.announce(sentence);
  }

  private makeBody(): HTMLElement {
    const head = element(
      'div',
      { class: 'chart-head' },
      this.caption,
      this.units.element,
      this.legend.element,
    );
    return element(
      'div',
      { class: 'picture' },
      element('section', { class: 'chart' }, head, this.scatter.element),
      element(
        'div',
        { class: 'twin' },
        this.candidates.element,
        this.table.element,
        this.selection,
      ),
    );
  }
}

function noteText(state: PictureState | null, run: TestRun, texts: StatisticsTexts): string {
  switch (state?.kind) {
    case 'loading':
      // While a test runs its own line says so.
      return run.kind === 'running' ? '' : texts.loading;
    case undefined:
      return texts.noPairs;
    case 'none':
      return texts.none;
    case 'failed':
      return state.sentence;
    case 'ready':
      return '';
  }
}

function isSame(some: readonly ShownPair[], others: readonly ShownPair[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}
