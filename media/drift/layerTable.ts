import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { DriftLayerReport } from '../../src/protocol/drift';
import type { DriftTexts } from '../../src/protocol/driftView';
import { ChoiceGroup } from '../shared/choiceGroup';
import { element, setText } from '../shared/element';
import { VirtualTable, type Column, type TableEvents } from '../shared/table/virtualTable';
import { labelBadge } from './detail/layerDetail';
import { shownLayers, worstError, type ColumnKey, type LayerRow } from './shownLayers';
import { labelFilters, type LabelFilter, type ViewState } from './viewState';
import { decibelText, metricText } from './wording';

export interface LayerTableEvents extends TableEvents {
  readonly onFilter: (text: string) => void;
  readonly onLabel: (label: LabelFilter) => void;
}

/** The chart's twin: every layer as a row, with a filter by text and one by label. */
export class LayerTable {
  readonly element: HTMLElement;
  private readonly table: VirtualTable<LayerRow>;
  private readonly field = element('vscode-textfield');
  private readonly labels: ChoiceGroup<LabelFilter>;
  private readonly empty: HTMLElement;
  private shown: readonly LayerRow[] = [];

  constructor(
    private readonly texts: DriftTexts,
    events: LayerTableEvents,
  ) {
    this.table = new VirtualTable(texts.table, columns(texts), events);
    this.labels = new ChoiceGroup(texts.showLabels, events.onLabel);
    this.field.placeholder = texts.filter;
    this.field.label = texts.filter;
    this.field.type = 'search';
    this.field.addEventListener('input', () => {
      events.onFilter(this.field.value);
    });
    this.empty = element('p', { class: 'faint empty', text: texts.noMatch });
    this.element = element(
      'section',
      { class: 'layers' },
      element('div', { class: 'filters' }, this.field, this.labels.element),
      this.table.element,
      this.empty,
    );
  }

  /** Ids of the rows, or null when no filter hides any. */
  get shownIds(): ReadonlySet<string> | null {
    return this.isFiltered ? new Set(this.shown.map(({ id }) => id)) : null;
  }

  private isFiltered = false;

  show(layers: readonly DriftLayerReport[], view: ViewState): void {
    const { texts } = this;
    if (this.field.value !== view.filter) this.field.value = view.filter;
    const count = (label: LabelFilter): number =>
      label === 'all' ? layers.length : layers.filter((layer) => layer.label === label).length;
    const choices = labelFilters.map((value) => {
      const name = value === 'all' ? texts.all : texts.labels[value];
      return { value, text: `${name} ${count(value)}` };
    });
    this.labels.show(choices, view.label);
    this.shown = shownLayers(layers, view);
    this.isFiltered = this.shown.length < layers.length;
    this.table.element.style.setProperty('--rows', String(this.shown.length));
    this.empty.hidden = this.shown.length > 0 || layers.length === 0;
    this.table.show(this.shown, view.sort);
    this.table.select(view.selected);
  }

  mark(id: string | null): void {
    this.table.mark(id);
  }
}

function columns(texts: DriftTexts): readonly Column<LayerRow>[] {
  const column = (
    key: ColumnKey,
    [leastWidth, share]: readonly [number, number],
    text: (layer: DriftLayerReport, position: number) => string,
    isNumber = true,
  ): Column<LayerRow> => ({
    key,
    title: texts.columns[key],
    leastWidth,
    share,
    isNumber,
    fill: (cell, { layer, position }) => {
      setText(cell, text(layer, position));
    },
  });
  return [
    column('position', [3.2, 0.01], (_, position) => String(position + 1)),
    {
      ...column('layer', [11, 8], ({ id }) => id, false),
      fill: (cell, { layer }) => {
        // Names of one network differ at their end, so it is their beginning that is cut.
        const name = cell.querySelector('bdi') ?? cell.appendChild(element('bdi'));
        setText(name, layer.id);
        cell.classList.add('is-cut-in-front');
        cell.title = layer.id;
      },
    },
    {
      ...column('label', [5.6, 0.01], () => '', false),
      fill: (cell, { layer }) => {
        const label = layer.label ?? 'none';
        if (cell.dataset['label'] === label) return;
        cell.dataset['label'] = label;
        cell.replaceChildren(labelBadge(layer, texts));
      },
    },
    column('isolated', [6.8, 1], ({ isolated }) => decibelText(isolated, texts)),
    column('accumulated', [8.8, 1], ({ accumulated }) => decibelText(accumulated, texts)),
    column('maxError', [7.2, 1], (layer) => {
      const error = worstError(layer);
      if (error === null) return '–';
      return metricText(error === Infinity ? 'not finite' : error, texts);
    }),
    column(
      'recipe',
      [7, 2],
      ({ explanation }) =>
        explanation === null ? texts.notFound : texts.recipes[explanation.recipe],
      false,
    ),
  ];
}
