import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type { DriftLayerReport } from '../../src/protocol/drift';
import type {
  DriftContent,
  DriftTexts,
  FromDriftView,
  ToDriftView,
} from '../../src/protocol/driftView';
import { element, setText } from '../shared/element';
import { ChoiceGroup } from '../shared/choiceGroup';
import { LiveRegion } from '../shared/liveRegion';
import { orderAfterClick } from '../shared/table/sortOrder';
import { ChartView, measuredSeries } from './chart/chartView';
import { chartPicture } from './chart/chartPicture';
import { Legend } from './chart/legend';
import { LayerTable } from './layerTable';
import { progressText, RunHeader } from './runHeader';
import { SidePane } from './sidePane';
import { chartMetrics, type ChartMetric, type ViewState } from './viewState';
import { countsText } from './wording';

type Show = Extract<ToDriftView, { type: 'show' }>;

/** What the page asks of its surroundings. */
export interface PageEvents {
  readonly send: (message: FromDriftView) => void;
  /** The content or the way it is looked at is another one now. */
  readonly onChange: (content: DriftContent, view: ViewState) => void;
}

/** The whole page, built from one `show` message; later messages change it in place. */
export class DriftPage {
  readonly element: HTMLElement;
  private content: DriftContent;
  private readonly texts: DriftTexts;
  private readonly header: RunHeader;
  private readonly chart: ChartView;
  private readonly legend: Legend;
  private readonly metrics: ChoiceGroup<ChartMetric>;
  private readonly resetZoom: HTMLButtonElement;
  private readonly table: LayerTable;
  private readonly side: SidePane;
  private readonly live = new LiveRegion();
  private hovered: string | null = null;

  constructor(
    private readonly show: Show,
    private view: ViewState,
    private readonly events: PageEvents,
  ) {
    const { texts } = show;
    this.texts = texts;
    this.content = show.content;
    const { send } = events;
    this.header = new RunHeader(texts, {
      onCompare: () => {
        send({ type: 'compare' });
      },
      onRun: () => {
        send({ type: 'run' });
      },
      onCancel: () => {
        send({ type: 'cancel' });
      },
      onExport: (format) => void this.export(format),
    });
    const onSelect = (id: string): void => {
      this.change({ selected: id });
    };
    const onActivate = (id: string): void => {
      this.change({ selected: id });
      send({ type: 'reveal', id });
    };
    const onHover = (id: string | null): void => {
      this.hover(id);
    };
    this.chart = new ChartView(texts, view, {
      onSelect,
      onActivate,
      onHover,
      onSpan: (span) => {
        this.change({ span });
      },
    });
    this.table = new LayerTable(texts, {
      onSelect,
      onActivate,
      onHover,
      onSort: (column) => {
        this.change({ sort: orderAfterClick(this.view.sort, column) });
      },
      onFilter: (filter) => {
        this.change({ filter });
      },
      onLabel: (label) => {
        this.change({ label });
      },
    });
    this.side = new SidePane(texts, {
      onWantDetail: (id) => {
        send({ type: 'detail', id });
      },
      onChoose: onActivate,
      onReveal: onActivate,
      onBack: () => {
        this.change({ selected: null });
      },
    });
    this.legend = new Legend(texts, (series) => {
      this.change({ hiddenSeries: this.view.hiddenSeries === series ? null : series });
    });
    this.metrics = new ChoiceGroup(texts.metric, (metric) => {
      this.change({ metric });
    });
    this.resetZoom = element('button', {
      class: 'link',
      text: texts.resetZoom,
      attributes: { type: 'button' },
    });
    this.resetZoom.addEventListener('click', () => {
      this.change({ span: null });
    });
    const chartHead = element(
      'div',
      { class: 'chart-head' },
      this.metrics.element,
      this.legend.element,
      this.resetZoom,
    );
    this.element = element(
      'main',
      { class: 'page' },
      this.header.element,
      element('section', { class: 'picture' }, chartHead, this.chart.element),
      element('div', { class: 'below' }, this.table.element, this.side.element),
      this.live.element,
    );
    this.update();
  }

  /** Takes a message of the host other than `show`. */
  receive(message: Exclude<ToDriftView, { type: 'show' }>): void {
    switch (message.type) {
      case 'progress':
        this.takeProgress(message);
        break;
      case 'detail':
        this.side.receive(message.id, message.detail, message.failure);
        this.update();
        break;
      case 'select':
        this.change({ selected: message.id });
        break;
    }
  }

  private takeProgress({ run, layers, report }: Extract<ToDriftView, { type: 'progress' }>): void {
    const isStart = run.kind === 'running' && this.content.run.kind !== 'running';
    if (isStart) this.side.forget();
    const known = isStart ? [] : this.content.layers;
    this.content = { ...this.content, run, report, layers: mergeLayers(known, layers) };
    this.announce();
    this.update();
    this.events.onChange(this.content, this.view);
  }

  private announce(): void {
    const { run, layers } = this.content;
    const counts = countsText(layers, this.texts);
    if (run.kind === 'running') this.live.announce(progressText(this.content, this.texts));
    if (run.kind === 'done') {
      this.live.announce(fillPlaces(this.texts.measuredLayers, layers.length, counts));
    }
  }

  private change(part: Partial<ViewState>): void {
    this.view = { ...this.view, ...part };
    this.update();
    this.events.onChange(this.content, this.view);
  }

  private hover(id: string | null): void {
    if (id === this.hovered) return;
    this.hovered = id;
    this.chart.hover(id);
    this.table.mark(id);
    this.events.send({ type: 'hover', id });
  }

  private update(): void {
    const { content, view, texts } = this;
    const { layers } = content;
    this.header.show(content, this.show.names);
    this.table.show(layers, view);
    this.chart.show({ layers, view, shown: this.table.shownIds });
    this.legend.show(measuredSeries(layers), view.hiddenSeries, this.chart.hasInherited);
    const names: Readonly<Record<ChartMetric, string>> = {
      sqnrDb: texts.sqnr,
      maxAbs: texts.maxError,
    };
    this.metrics.show(
      chartMetrics.map((value) => ({ value, text: names[value] })),
      view.metric,
    );
    this.resetZoom.hidden = view.span === null;
    this.side.show(content, view.selected);
    setText(document.head.querySelector('title') ?? document.createElement('title'), texts.chart);
  }

  private async export(format: 'csv' | 'json' | 'png'): Promise<void> {
    if (format !== 'png') {
      this.events.send({ type: 'export', format });
      return;
    }
    const title = `${this.show.names.reference} → ${this.show.names.candidate ?? this.texts.ownFold}`;
    const bytes = await chartPicture(this.chart, title, this.texts);
    this.events.send({ type: 'export', format, bytes });
  }
}

/** Layers of the same id replace each other in place; new ones come behind. */
function mergeLayers(
  known: readonly DriftLayerReport[],
  news: readonly DriftLayerReport[],
): readonly DriftLayerReport[] {
  if (news.length === 0) return known;
  const merged = new Map(known.map((layer) => [layer.id, layer]));
  for (const layer of news) merged.set(layer.id, layer);
  return [...merged.values()];
}
