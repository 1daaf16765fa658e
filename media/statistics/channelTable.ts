import type { StatisticsTexts } from '../../src/protocol/statisticsView';
import { element, setText } from '../shared/element';
import type { SortOrder } from '../shared/table/sortOrder';
import { VirtualTable, type Column } from '../shared/table/virtualTable';
import { columnKeys, type ChannelPoint, type ColumnKey } from './channelPoints';
import { figureText } from './wording';

export interface ChannelTableEvents {
  readonly onSort: (column: string) => void;
  readonly onSelect: (channel: number) => void;
  readonly onHover: (channel: number | null) => void;
}

/** The scatter's twin: every channel as a row. */
export class ChannelTable {
  readonly element: HTMLElement;
  private readonly table: VirtualTable<ChannelPoint>;

  constructor(texts: StatisticsTexts, events: ChannelTableEvents) {
    const select = (id: string): void => {
      events.onSelect(Number(id));
    };
    this.table = new VirtualTable(texts.table, columns(texts), {
      onSort: events.onSort,
      onSelect: select,
      onActivate: select,
      onHover: (id) => {
        events.onHover(id === null ? null : Number(id));
      },
    });
    this.element = element('section', { class: 'channels' }, this.table.element);
  }

  /** Shows points in the order they are given. */
  show(ordered: readonly ChannelPoint[], order: SortOrder | null, channel: number | null): void {
    this.table.show(ordered, order);
    this.table.select(channel === null ? null : String(channel));
  }

  mark(channel: number | null): void {
    this.table.mark(channel === null ? null : String(channel));
  }
}

const leastWidths: Readonly<Record<ColumnKey, number>> = {
  channel: 5.6,
  predicted: 6.4,
  stored: 6,
  difference: 7.2,
  deviations: 7.4,
};

function columns(texts: StatisticsTexts): readonly Column<ChannelPoint>[] {
  return columnKeys.map((key) => ({
    key,
    title: texts.columns[key],
    leastWidth: leastWidths[key],
    share: 1,
    isNumber: true,
    fill: (cell, point) => {
      setText(cell, figureText(point, key));
    },
  }));
}
