import type {
  FromOverviewView,
  OverviewContent,
  OverviewReport,
  ToOverviewView,
} from '../../src/protocol/overviewView';
import type { TestRun } from '../../src/protocol/statisticsView';
import { element, setText } from '../shared/element';
import { LiveRegion } from '../shared/liveRegion';
import { orderAfterClick } from '../shared/table/sortOrder';
import type { KnownLayer } from './drawing/drawingView';
import { FileHeader } from './fileHeader';
import type { OverviewRow } from './overviewRows';
import { PairPane } from './pairPane';
import { PairTable } from './pairTable';
import { VerdictPicture } from './verdictPicture';
import type { ViewState } from './viewState';

type Show = Extract<ToOverviewView, { type: 'show' }>;

/** What the page asks of its surroundings. */
export interface PageEvents {
  readonly send: (message: FromOverviewView) => void;
  /** The user looks at the pairs in another way. */
  readonly onChange: (view: ViewState) => void;
}

/** The whole page, built from one `show` message; later messages change it in place. */
export class OverviewPage {
  readonly element: HTMLElement;
  private content: OverviewContent;
  private run: TestRun;
  private readonly header: FileHeader;
  private readonly picture: VerdictPicture;
  private readonly table: PairTable;
  private readonly pane: PairPane;
  private readonly body: HTMLElement;
  private readonly empty = element('p', { class: 'faint' });
  private readonly live = new LiveRegion();
  /** Layers of the pairs by name: of convolutions what they are, and the pair to go to. */
  private layers: ReadonlyMap<string, KnownLayer & { readonly id: string }> = new Map();

  constructor(
    show: Show,
    private view: ViewState,
    private readonly events: PageEvents,
  ) {
    const { texts, content, run } = show;
    const { send } = events;
    [this.content, this.run] = [content, run];
    this.header = new FileHeader(texts, (type) => {
      send({ type });
    });
    this.picture = new VerdictPicture(texts, (kind) => {
      // A second click on a part of the bar shows everything again.
      this.change({ kind: kind === this.view.kind ? 'all' : kind });
      this.announceCount();
    });
    const select = (id: string): void => {
      this.change({ selected: id });
    };
    this.table = new PairTable(texts, {
      onSelect: select,
      onActivate: select,
      onOpen: (id) => {
        const row = this.change({ selected: id });
        if (row !== null) this.reveal(row);
      },
      onHover: () => undefined,
      onSort: (column) => {
        this.change({ sort: orderAfterClick(this.view.sort, column) });
      },
      onFilter: (filter) => {
        this.change({ filter });
        this.announceCount();
      },
    });
    this.pane = new PairPane(texts, {
      onWantSurroundings: (id) => {
        send({ type: 'surroundings', id });
      },
      describe: (layer) => this.layers.get(layer) ?? null,
      onLayer: (layer) => {
        this.goToLayer(layer);
      },
      onReveal: (row) => {
        this.reveal(row);
      },
      onPair: (type, id) => {
        send({ type, id });
      },
    });
    setText(this.empty, texts.noPairs);
    const filters = element(
      'div',
      { class: 'filters' },
      this.picture.choices.element,
      this.table.field,
      this.table.count,
    );
    this.body = element(
      'div',
      { class: 'overview-body' },
      this.picture.bar,
      filters,
      element('div', { class: 'below' }, this.table.element, this.pane.element),
    );
    this.element = element(
      'main',
      { class: 'page' },
      this.header.element,
      this.empty,
      this.body,
      this.live.element,
    );
    this.readLayers();
    this.update();
  }

  /** Takes a message of the host other than `show`. */
  receive(message: Exclude<ToOverviewView, { type: 'show' }>): void {
    switch (message.type) {
      case 'content':
        this.takeContent(message.content);
        break;
      case 'run':
        this.run = message.run;
        break;
      case 'surroundings':
        this.pane.receive(message.id, message.surroundings, message.failure);
        break;
      case 'select':
        this.change({ selected: message.id });
        return;
    }
    this.update();
  }

  private takeContent(content: OverviewContent): void {
    this.content = content;
    this.pane.forget();
    this.readLayers();
    const { state } = content;
    if (state.kind === 'failed') this.live.announce(state.message);
    else if (state.kind === 'ready') this.live.announce(state.report.statistics.sentence);
  }

  private get report(): OverviewReport | null {
    return this.content.state.kind === 'ready' ? this.content.state.report : null;
  }

  private change(part: Partial<ViewState>): OverviewRow | null {
    this.view = { ...this.view, ...part };
    this.events.onChange(this.view);
    return this.update();
  }

  /** Draws everything that may have changed; gives the row that is shown in full. */
  private update(): OverviewRow | null {
    const { content, report, view, run } = this;
    this.header.show(content, run);
    const isEmpty = report !== null && report.pairs.length + report.unpaired.length === 0;
    this.empty.hidden = !isEmpty;
    this.body.hidden = report === null || isEmpty;
    if (report === null || isEmpty) return null;
    this.picture.show(report, view.kind);
    const row = this.table.show(report, view);
    this.pane.show(row, report.statistics.hasPictures);
    return row;
  }

  private announceCount(): void {
    const { textContent } = this.table.count;
    if (textContent !== '') this.live.announce(textContent);
  }

  /** To the pair of a layer where it has one, else to its line in the structure. */
  private goToLayer(layer: string): void {
    const id = this.layers.get(layer)?.id;
    const { selected } = this.view;
    const own = this.report?.pairs.find((pair) => pair.id === (selected ?? this.firstId));
    const isOwn = own?.conv === layer || own?.bn === layer;
    if (id === undefined || isOwn) {
      this.events.send({ type: 'reveal', layer, id: id ?? null });
    } else {
      this.change({ selected: id });
    }
  }

  private get firstId(): string | null {
    return this.report?.pairs[0]?.id ?? null;
  }

  private reveal({ pair, bn }: OverviewRow): void {
    this.events.send({ type: 'reveal', layer: pair?.conv ?? bn, id: pair?.id ?? null });
  }

  private readLayers(): void {
    const layers = new Map<string, KnownLayer & { readonly id: string }>();
    for (const { id, conv, summary, bn, bnType, channels } of this.report?.pairs ?? []) {
      if (!layers.has(conv)) layers.set(conv, { id, summary });
      layers.set(bn, { id, summary: `${bnType} ${channels}` });
    }
    this.layers = layers;
  }
}
