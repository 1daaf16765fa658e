import type { Locator } from 'playwright-core';
import { PageScreen } from './pageScreen';

/** What a person sees and does on the overview in front. */
export class OverviewScreen extends PageScreen {
  /** Why the file cannot be read. */
  get failure(): Locator {
    return this.frame.getByRole('alert');
  }

  /** The counts as a picture; its name says them: `2 fusable, 1 blocked`. */
  picture(counts: string): Locator {
    return this.frame.getByRole('img', { name: `Verdicts: ${counts}`, exact: true });
  }

  /** How the connections of the drawing are known. */
  get legend(): Locator {
    return this.frame.locator('.drawing-legend');
  }

  get filter(): Locator {
    return this.frame.getByRole('searchbox');
  }

  row(conv: string): Locator {
    return this.rows.filter({ has: this.frame.locator(`[role="gridcell"][title="${conv}"]`) });
  }

  /** The chosen pair in full. */
  pair(label: string): Locator {
    return this.frame.getByRole('article', { name: label, exact: true });
  }

  /** The drawing of the layers around the chosen pair. */
  drawing(label: string): Locator {
    return this.frame.getByRole('group', { name: `Layers around ${label}`, exact: true });
  }

  /** A box of the drawing, by what it says. */
  layer(text: string | RegExp): Locator {
    return this.frame.locator('.layer', { hasText: text });
  }

  /** Waits until as many rows are there as the page says, whatever is on the screen. */
  async holds(count: number): Promise<void> {
    await this.frame.locator(`[role="grid"][aria-rowcount="${count + 1}"]`).waitFor();
  }
}
