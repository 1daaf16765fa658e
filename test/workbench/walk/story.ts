import { mkdirSync } from 'node:fs';
import { projectPath } from '../../support/root';
import type { Screen } from './screen';

/** One walk of a person through the workbench, told in steps. */
export interface Story {
  readonly title: string;
  /** Puts further files into the folder before the window opens on it. */
  readonly prepare?: (folder: string) => void;
  readonly steps: readonly Step[];
}

export interface Step {
  readonly title: string;
  run(screen: Screen, folder: string): Promise<void>;
}

/** Goes through a story. The first step that fails leaves a screenshot and ends it. */
export async function tell(story: Story, screen: Screen, folder: string): Promise<void> {
  console.log(`  ${story.title}`);
  for (const step of story.steps) {
    const start = performance.now();
    try {
      await step.run(screen, folder);
    } catch (cause) {
      const picture = failurePicture(story, step);
      await screen.page.screenshot({ path: picture });
      console.log(`    ✖ ${step.title}`);
      throw new Error(`“${step.title}” failed; the screen is in ${picture}`, { cause });
    }
    console.log(`    ✔ ${step.title} (${Math.round(performance.now() - start)} ms)`);
  }
}

function failurePicture(story: Story, step: Step): string {
  const folder = projectPath('out/workbench/failures');
  mkdirSync(folder, { recursive: true });
  const name = `${story.title} - ${step.title}`.replaceAll(/[^\w]+/g, '-');
  return `${folder}/${name}.png`;
}
