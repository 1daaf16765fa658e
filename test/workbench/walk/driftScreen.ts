import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What a person sees and does on the drift page in front. Every method waits for a state, never for a time. */
export class DriftScreen {
  private readonly frame: FrameLocator;

  constructor(private readonly page: Page) {
    this.frame = page
      .frameLocator('iframe.webview.ready >> visible=true')
      .frameLocator('iframe#active-frame');
  }

  get title(): Locator {
    return this.frame.getByRole('heading', { level: 1 });
  }

  get grid(): Locator {
    return this.frame.getByRole('grid');
  }

  /** Rows on the screen, without the titles, in no certain order of the page's elements. */
  get rows(): Locator {
    return this.grid.locator('.table-space [role="row"]:visible');
  }

  row(layer: string): Locator {
    return this.rows.filter({ has: this.frame.locator(`[role="gridcell"][title="${layer}"]`) });
  }

  get selectedRow(): Locator {
    return this.grid.locator('[role="row"][aria-selected="true"]:visible');
  }

  columnTitle(text: string): Locator {
    return this.grid.getByRole('columnheader', { name: text });
  }

  get filter(): Locator {
    return this.frame.getByRole('searchbox');
  }

  choice(text: string | RegExp): Locator {
    return this.frame.getByRole('radio', { name: text });
  }

  button(text: string): Locator {
    return this.frame.getByRole('button', { name: text, exact: true });
  }

  /** The chart, as assistive technology knows it. */
  get chart(): Locator {
    return this.frame.getByRole('slider');
  }

  get canvas(): Locator {
    return this.chart.locator('canvas');
  }

  get note(): Locator {
    return this.frame.locator('.note:visible');
  }

  /** The detail of a layer, once its pictures are there. */
  detail(layer: string): Locator {
    return this.frame.getByRole('article', { name: layer }).filter({
      has: this.frame.getByRole('img'),
    });
  }

  /** Waits until the measurement is done: a report can be exported then. */
  async measured(): Promise<void> {
    await this.button('CSV').waitFor();
  }

  /** Cells of the rows on the screen, from top to bottom. */
  async cells(): Promise<readonly (readonly string[])[]> {
    const rows = await Promise.all(
      (await this.rows.all()).map(async (row) => ({
        position: Number(await row.getAttribute('aria-rowindex')),
        cells: await row.getByRole('gridcell').allTextContents(),
      })),
    );
    return rows.sort((a, b) => a.position - b.position).map(({ cells }) => cells);
  }

  /** What the chart says of each layer, gone through by the keyboard. */
  async chartValues(count: number): Promise<readonly string[]> {
    const values: string[] = [];
    await this.chart.focus();
    await this.page.keyboard.press('Home');
    for (let position = 1; position <= count; position++) {
      const here = this.frame.locator(`[role="slider"][aria-valuenow="${position}"]`);
      await here.waitFor();
      values.push((await here.getAttribute('aria-valuetext')) ?? '');
      await this.page.keyboard.press('ArrowRight');
    }
    return values;
  }
}
