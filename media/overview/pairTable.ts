import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import { shortNumber } from '../../src/core/wording/shortNumber';
import type { OverviewReport, OverviewTexts } from '../../src/protocol/overviewView';
import { element, setText } from '../shared/element';
import { VirtualTable, type Column, type TableEvents } from '../shared/table/virtualTable';
import { overviewRows, shownRows, tellingColumns } from './overviewRows';
import type { ColumnKey, OverviewRow } from './overviewRows';
import { verdictIcon, type VerdictMark } from './verdictIcon';
import type { ViewState } from './viewState';
import { commonEpsSource, epsText, findingText } from './wording';

export interface PairTableEvents extends TableEvents {
  readonly onFilter: (text: string) => void;
}

/** Every pair as a row, with a filter by text. */
export class PairTable {
  readonly element = element('section', { class: 'pairs' });
  readonly field = element('vscode-textfield');
  /** How many rows are shown, where a filter hides some. */
  readonly count = element('span', { class: 'faint' });
  private readonly empty: HTMLElement;
  private table: VirtualTable<OverviewRow> | null = null;
  private shownColumns = '';
  private report: OverviewReport | null = null;
  private rows: readonly OverviewRow[] = [];

  constructor(
    private readonly texts: OverviewTexts,
    private readonly events: PairTableEvents,
  ) {
    this.field.placeholder = texts.filter;
    this.field.label = texts.filter;
    this.field.type = 'search';
    this.field.addEventListener('input', () => {
      events.onFilter(this.field.value);
    });
    this.empty = element('p', { class: 'faint empty', text: texts.noMatch });
  }

  /** Shows the rows that the view lets through; gives the one that is selected, or the first of all. */
  show(report: OverviewReport, view: ViewState): OverviewRow | null {
    if (report !== this.report) {
      this.report = report;
      this.rows = overviewRows(report);
    }
    const table = this.tableFor(tellingColumns(report));
    if (this.field.value !== view.filter) this.field.value = view.filter;
    const shown = shownRows(this.rows, view);
    const selected = this.rows.find(({ id }) => id === view.selected) ?? this.rows[0] ?? null;
    this.empty.hidden = shown.length > 0;
    const isFiltered = shown.length < this.rows.length;
    setText(
      this.count,
      isFiltered ? fillPlaces(this.texts.shown, shown.length, this.rows.length) : '',
    );
    table.show(shown, view.sort);
    table.select(selected?.id ?? null);
    return selected;
  }

  private tableFor(keys: readonly ColumnKey[]): VirtualTable<OverviewRow> {
    const all = columns(this.texts, this.rows);
    const layout = keys.map((key) => `${key} ${all[key].leastWidth}`).join();
    if (this.table !== null && this.shownColumns === layout) return this.table;
    const table = new VirtualTable(
      this.texts.table,
      keys.map((key) => ({ key, title: this.texts.columns[key], ...all[key] })),
      this.events,
    );
    this.table = table;
    this.shownColumns = layout;
    this.element.replaceChildren(table.element, this.empty);
    return table;
  }
}

type Layout = Omit<Column<OverviewRow>, 'key' | 'title'>;

function columns(
  texts: OverviewTexts,
  rows: readonly OverviewRow[],
): Readonly<Record<ColumnKey, Layout>> {
  const pairs = rows.flatMap(({ pair }) => pair ?? []);
  const hasSources = commonEpsSource(pairs) === null;
  const column = (
    leastWidth: number,
    share: number,
    text: (row: OverviewRow) => string,
    hint: (row: OverviewRow) => string = text,
  ): Layout => ({
    leastWidth,
    share,
    fill: (cell, row) => {
      setText(cell, text(row));
      cell.title = hint(row);
    },
  });
  return {
    verdict: {
      leastWidth: 7.4,
      share: 0.01,
      fill: (cell, row) => {
        const mark = markOf(row);
        if (cell.dataset['mark'] === mark) return;
        cell.dataset['mark'] = mark;
        const word = element('span', { text: texts.kinds[row.kind] });
        cell.replaceChildren(element('span', { class: 'badge' }, verdictIcon(mark), word));
      },
    },
    conv: {
      leastWidth: 11,
      share: 6,
      fill: (cell, { pair }) => {
        // Names of a network begin alike and differ at their ends.
        cell.classList.add('is-cut-in-front');
        const [name = element('bdi')] = cell.children;
        setText(name, pair?.convLabel ?? '–');
        if (name.parentElement !== cell) cell.append(name);
        cell.title = pair?.conv ?? '';
      },
    },
    shape: column(10.6, 2, ({ pair }) => pair?.summary ?? '–'),
    bn: column(
      7,
      2,
      ({ bn }) => bn,
      ({ pair, bn }) => pair?.bn ?? bn,
    ),
    eps: column(
      hasSources ? 8 : 4.4,
      hasSources ? 2.5 : 1,
      ({ pair }) => {
        if (pair === null) return '–';
        return hasSources ? epsText(pair, texts) : shortNumber(pair.eps);
      },
      ({ pair }) => (pair === null ? '' : epsText(pair, texts)),
    ),
    evidence: column(
      6,
      0.5,
      ({ pair }) => (pair === null ? '–' : texts.evidence[pair.evidence]),
      ({ pair }) => (pair === null ? '' : texts.evidenceHelp[pair.evidence]),
    ),
    statistics: column(
      10,
      4,
      ({ pair }) => (pair === null ? '–' : findingText(pair, texts)),
      ({ pair }) => pair?.finding?.sentence ?? '',
    ),
    reason: {
      leastWidth: 6.5,
      share: 5,
      fill: (cell, { kind, reasons }) => {
        setText(cell, reasons[0] ?? '');
        cell.title = reasons.join('\n');
        // What decided nothing is a remark.
        cell.classList.toggle('faint', kind === 'fusable');
      },
    },
  };
}

/** A pair that numbers prove looks surer, as in the tree. */
export function markOf({ kind, pair }: OverviewRow): VerdictMark {
  return kind === 'fusable' && pair?.finding?.says === 'confirms' ? 'confirmed' : kind;
}
