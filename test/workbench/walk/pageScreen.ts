import type { FrameLocator, Locator, Page } from 'playwright-core';

/** What all our pages in editors have; it is about the one in front. Every method waits for a state, never for a time. */
export class PageScreen {
  protected readonly frame: FrameLocator;

  constructor(protected readonly page: Page) {
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

  get selectedRow(): Locator {
    return this.grid.locator('[role="row"][aria-selected="true"]:visible');
  }

  columnTitle(text: string): Locator {
    return this.grid.getByRole('columnheader', { name: text });
  }

  choice(text: string | RegExp): Locator {
    return this.frame.getByRole('radio', { name: text });
  }

  button(text: string): Locator {
    return this.frame.getByRole('button', { name: text, exact: true });
  }

  get note(): Locator {
    return this.frame.locator('.note:visible');
  }

  /** What takes the keyboard on a chart, as assistive technology knows it. */
  get slider(): Locator {
    return this.frame.getByRole('slider');
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
}
