import { element } from '../element';
import type { SortOrder } from './sortOrder';
import { rowAfterKey, rowWindow, scrollToShow } from './rowWindow';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Least width in em. */
  readonly leastWidth: number;
  /** Share of the room that is left. */
  readonly share: number;
  /** Numbers stand at the end of their column. */
  readonly isNumber?: boolean;
  /** Writes a row's content into its cell, which may hold another row's now. */
  readonly fill: (cell: HTMLElement, row: Row) => void;
}

export interface TableEvents {
  /** A click on a column's title. */
  readonly onSort: (column: string) => void;
  /** The keyboard went to a row. */
  readonly onSelect: (id: string) => void;
  /** A click on a row, or Enter where nothing opens. */
  readonly onActivate: (id: string) => void;
  /** A double click on a row, or Enter. */
  readonly onOpen?: (id: string) => void;
  readonly onHover: (id: string | null) => void;
}

/** Pixels; `table.css` says the same. */
const ROW_HEIGHT = 26;

let tables = 0;

/**
 * A table of any length as an ARIA grid: only the rows on the screen are in the page, and assistive technology is
 * told of all. The arrow keys move the selection, Enter and clicks activate, titles sort. Order and filter are the
 * owner's: it hands over rows as they are to be shown.
 */
export class VirtualTable<Row extends { readonly id: string }> {
  readonly element: HTMLElement;
  private readonly prefix = `table${tables++}`;
  private readonly head = element('div', {
    class: 'table-row table-head',
    attributes: { role: 'row', 'aria-rowindex': 1 },
  });
  private readonly space = element('div', {
    class: 'table-space',
    attributes: { role: 'rowgroup' },
  });
  /** Row elements on the screen, by row modulo their number: scrolling rewrites those that left, no others. */
  private pool: HTMLElement[] = [];
  private rows: readonly Row[] = [];
  private selected: string | null = null;
  private marked: string | null = null;

  constructor(
    label: string,
    private readonly columns: readonly Column<Row>[],
    private readonly events: TableEvents,
  ) {
    const attributes = { role: 'grid', tabindex: 0, 'aria-label': label };
    this.element = element('div', { class: 'table', attributes }, this.head, this.space);
    const tracks = columns.map(({ leastWidth, share }) => `minmax(${leastWidth}em, ${share}fr)`);
    const least = columns.reduce((sum, { leastWidth }) => sum + leastWidth, 0);
    this.element.style.setProperty('--columns', tracks.join(' '));
    this.element.style.setProperty('--least-width', `${least}em`);
    this.head.append(...columns.map((column) => this.headCell(column)));
    this.element.setAttribute('aria-colcount', String(columns.length));
    this.listen();
  }

  /** Shows rows in the order they are given. */
  show(rows: readonly Row[], order: SortOrder | null): void {
    this.rows = rows;
    this.element.setAttribute('aria-rowcount', String(rows.length + 1));
    this.space.style.setProperty('height', `${rows.length * ROW_HEIGHT}px`);
    this.columns.forEach(({ key }, idx) => {
      const direction = order?.isDescending === true ? 'descending' : 'ascending';
      this.head.children[idx]?.setAttribute(
        'aria-sort',
        order?.column === key ? direction : 'none',
      );
    });
    this.draw();
  }

  /** Marks a row as the selected one and brings it into view. */
  select(id: string | null): void {
    const isNew = id !== this.selected;
    this.selected = id;
    const row = this.rowOf(id);
    if (isNew && row !== -1) this.scrollTo(row);
    this.draw();
  }

  /** Marks the row of what the pointer is over elsewhere. */
  mark(id: string | null): void {
    if (id === this.marked) return;
    this.marked = id;
    this.draw();
  }

  private listen(): void {
    const { element: grid, space } = this;
    grid.addEventListener('scroll', () => {
      this.draw();
    });
    new ResizeObserver(() => {
      this.draw();
    }).observe(grid);
    grid.addEventListener('keydown', (event) => {
      if (event.target === grid) this.onKey(event);
    });
    space.addEventListener('click', (event) => {
      const id = idAt(event);
      if (id !== null) this.events.onActivate(id);
    });
    space.addEventListener('dblclick', (event) => {
      const id = idAt(event);
      if (id !== null) this.events.onOpen?.(id);
    });
    space.addEventListener('pointermove', (event) => {
      this.events.onHover(idAt(event));
    });
    space.addEventListener('pointerleave', () => {
      this.events.onHover(null);
    });
  }

  private onKey(event: KeyboardEvent): void {
    const { onActivate, onOpen = onActivate } = this.events;
    if (event.key === 'Enter' && this.selected !== null) onOpen(this.selected);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(Math.floor(this.viewport.height / ROW_HEIGHT) - 1, 1);
    const row = rowAfterKey(event.key, this.rowOf(this.selected), this.rows.length, page);
    const target = row === null ? undefined : this.rows[row];
    if (target === undefined) return;
    event.preventDefault();
    this.events.onSelect(target.id);
  }

  /** The part of the rows that can be seen, below the titles that stay. */
  private get viewport(): { readonly scrollTop: number; readonly height: number } {
    const { scrollTop, clientHeight } = this.element;
    return { scrollTop, height: clientHeight - this.head.offsetHeight };
  }

  private rowOf(id: string | null): number {
    return id === null ? -1 : this.rows.findIndex((row) => row.id === id);
  }

  private scrollTo(row: number): void {
    this.element.scrollTop = scrollToShow(row, this.viewport, ROW_HEIGHT);
  }

  private draw(): void {
    const { first, end } = rowWindow(this.viewport, ROW_HEIGHT, this.rows.length);
    if (this.pool.length < end - first) this.grow(end - first);
    const size = this.pool.length;
    const active = this.rowOf(this.selected);
    this.pool.forEach((_, slot) => {
      // The row in the window that this slot serves: the only one with this remainder.
      const row = first + ((((slot - first) % size) + size) % size);
      this.drawRow(slot, row < end ? row : null);
    });
    const isDrawn = active >= first && active < end;
    if (isDrawn) {
      this.element.setAttribute('aria-activedescendant', `${this.prefix}-${active % size}`);
    } else {
      this.element.removeAttribute('aria-activedescendant');
    }
  }

  private drawRow(slot: number, index: number | null): void {
    const target = this.pool[slot];
    const row = index === null ? undefined : this.rows[index];
    if (target === undefined) return;
    target.hidden = row === undefined || index === null;
    if (row === undefined || index === null) return;
    target.dataset['id'] = row.id;
    target.setAttribute('aria-rowindex', String(index + 2));
    target.setAttribute('aria-selected', String(row.id === this.selected));
    target.classList.toggle('is-marked', row.id === this.marked);
    target.style.setProperty('transform', `translateY(${index * ROW_HEIGHT}px)`);
    this.columns.forEach((column, idx) => {
      const cell = target.children[idx];
      if (cell instanceof HTMLElement) column.fill(cell, row);
    });
  }

  private grow(count: number): void {
    while (this.pool.length < count) {
      const id = `${this.prefix}-${this.pool.length}`;
      const cells = this.columns.map(({ isNumber }) =>
        element('div', {
          class: isNumber === true ? 'table-cell is-number' : 'table-cell',
          attributes: { role: 'gridcell' },
        }),
      );
      const row = element('div', { class: 'table-row', attributes: { role: 'row', id } }, ...cells);
      this.pool.push(row);
      this.space.append(row);
    }
  }

  private headCell({ key, title, isNumber }: Column<Row>): HTMLElement {
    const button = element('button', { text: title, attributes: { type: 'button' } });
    button.addEventListener('click', () => {
      this.events.onSort(key);
    });
    const name = isNumber === true ? 'table-cell is-number' : 'table-cell';
    return element('div', { class: name, attributes: { role: 'columnheader' } }, button);
  }
}

function idAt(event: Event): string | null {
  const row = event.target instanceof Element ? event.target.closest('.table-row') : null;
  return row instanceof HTMLElement ? (row.dataset['id'] ?? null) : null;
}
