import type { Locator } from 'playwright-core';
import { PageScreen } from './pageScreen';

/** What a person sees and does on the statistics page in front. */
export class StatisticsScreen extends PageScreen {
  /** The list of the model's pairs. */
  get pairs(): Locator {
    return this.frame.getByRole('combobox', { name: 'Pair' });
  }

  /** What the statistics say of the pair that is shown. */
  get finding(): Locator {
    return this.frame.locator('.finding');
  }

  /** The scatter; its name says what it looks like. */
  scatter(text: string | RegExp = /./): Locator {
    return this.frame.getByRole('img', { name: text });
  }

  get candidates(): Locator {
    return this.frame.getByRole('listbox', { name: 'Candidates' });
  }

  candidate(text: string | RegExp): Locator {
    return this.candidates.getByRole('option', { name: text });
  }

  get chosenCandidate(): Locator {
    return this.candidates.locator('[role="option"][aria-selected="true"]');
  }

  get progress(): Locator {
    return this.frame.locator('.running:visible');
  }

  /** What screen readers were told last. */
  get announcement(): Locator {
    return this.frame.getByRole('status');
  }

  /** Waits until the picture of a pair is there. */
  async shows(id: string): Promise<void> {
    await this.frame.locator(`main[data-pair="${id}"]`).waitFor();
    await this.scatter().waitFor();
  }
}
