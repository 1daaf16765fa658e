import type { Locator } from 'playwright-core';
import { PageScreen } from './pageScreen';

/** There in the page, where the functions below run. */
declare function requestAnimationFrame(callback: (time: number) => void): number;

/** What a person sees and does on the drift page in front. */
export class DriftScreen extends PageScreen {
  row(layer: string): Locator {
    return this.rows.filter({ has: this.frame.locator(`[role="gridcell"][title="${layer}"]`) });
  }

  get filter(): Locator {
    return this.frame.getByRole('searchbox');
  }

  get canvas(): Locator {
    return this.slider.locator('canvas');
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

  /** Milliseconds between the frames that the page draws while `act` runs. */
  async framesWhile(act: () => Promise<void>): Promise<readonly number[]> {
    const frames = await this.frame.locator('body').evaluateHandle(() => {
      const times: number[] = [];
      const record = (time: number): void => {
        times.push(time);
        requestAnimationFrame(record);
      };
      requestAnimationFrame(record);
      return times;
    });
    await act();
    const times = await frames.evaluate((all) => [...all]);
    return times.slice(1).map((time, idx) => time - (times[idx] ?? time));
  }

  /** Lets the page draw some frames. */
  async pause(): Promise<void> {
    await this.frame.locator('body').evaluate(
      () =>
        new Promise<void>((resolve) => {
          let left = 60;
          const count = (): void => {
            if (left-- === 0) resolve();
            else requestAnimationFrame(count);
          };
          count();
        }),
    );
  }

  /** What the chart says of each layer, gone through by the keyboard. */
  async chartValues(count: number): Promise<readonly string[]> {
    const values: string[] = [];
    await this.slider.focus();
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
