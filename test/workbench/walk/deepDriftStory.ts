import assert from 'node:assert/strict';
import { join } from 'node:path';
import { OnnxBuilder } from '../../../bench/onnxBuilder';
import { DriftScreen } from './driftScreen';
import type { Screen } from './screen';
import type { Story } from './story';

const LAYERS = 1000;
const DEEP = 'deep.onnx';

/** Scrolling and pointing may take two frames of the screen where doing nothing takes one, as far as timers tell. */
const SLOWEST_SHARE = 2.5;
/** Other work on the machine only ever makes frames longer, so the best of a few tries tells of ours. */
const TRIES = 3;

/** A person looks through the drift of a very deep network. */
export const deepDriftStory: Story = {
  title: 'Deep drift',
  prepare: (folder) => {
    writeDeepNetwork(join(folder, DEEP));
  },
  steps: [
    {
      title: 'a thousand layers are measured and shown',
      async run(screen) {
        await screen.chooseInExplorer(DEEP, 'Show Numeric Drift');
        await page(screen).measured();
        await page(screen)
          .choice(new RegExp(`^all ${LAYERS}`))
          .waitFor();
      },
    },
    {
      title: 'scrolling the table keeps the pace of the screen',
      async run(screen) {
        const drift = page(screen);
        await keepsPace(drift, async () => {
          await drift.grid.hover();
          for (let notch = 0; notch < 60; notch++) await screen.page.mouse.wheel(0, 200);
        });
        // It has scrolled indeed.
        await drift.row(`conv${3 * 4}`).waitFor({ state: 'hidden' });
      },
    },
    {
      title: 'so does pointing along the chart, which lights up layer after layer',
      async run(screen) {
        const drift = page(screen);
        const box = await drift.canvas.boundingBox();
        assert.ok(box);
        await keepsPace(drift, async () => {
          for (let place = 0; place < 120; place++) {
            const x = box.x + box.width * (0.1 + (0.8 * place) / 120);
            await screen.page.mouse.move(x, box.y + box.height / 2);
          }
        });
      },
    },
    {
      title: 'and so does zooming',
      async run(screen) {
        const drift = page(screen);
        await keepsPace(drift, async () => {
          await drift.slider.focus();
          for (let press = 0; press < 20; press++) await screen.page.keyboard.press('+');
          for (let press = 0; press < 20; press++) await screen.page.keyboard.press('-');
        });
      },
    },
  ],
};

function page(screen: Screen): DriftScreen {
  return new DriftScreen(screen.page);
}

/** Compares frames while something is done with frames while nothing is. */
async function keepsPace(drift: DriftScreen, act: () => Promise<void>): Promise<void> {
  let figures = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const idle = middle(await drift.framesWhile(() => drift.pause()));
    const busy = middle(await drift.framesWhile(act));
    figures = `${busy.toFixed(1)} ms a frame, ${idle.toFixed(1)} ms when idle`;
    console.log(`    ${figures}`);
    if (busy <= SLOWEST_SHARE * idle) return;
  }
  assert.fail(figures);
}

function middle(intervals: readonly number[]): number {
  return intervals.toSorted((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? NaN;
}

/** A chain of small convolutions: what is slow about it is how many they are. */
function writeDeepNetwork(path: string): void {
  const builder = new OnnxBuilder();
  let value = 'input';
  for (let layer = 0; layer < LAYERS; layer++) value = builder.convBatchNorm(value, [8, 8, 1, 1]);
  builder.write(path, [1, 8, 4, 4], { name: value, shape: [1, 8, 4, 4] });
}
