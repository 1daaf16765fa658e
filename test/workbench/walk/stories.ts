import type { Story } from './story';
import { checkpointStory } from './checkpointStory';
import { deepDriftStory } from './deepDriftStory';
import { driftStory } from './driftStory';
import { onnxStory } from './onnxStory';
import { overviewStory } from './overviewStory';
import { statisticsStory } from './statisticsStory';

/** Every walk; each starts in a window of its own. */
export const stories: readonly Story[] = [
  onnxStory,
  overviewStory,
  checkpointStory,
  driftStory,
  deepDriftStory,
  statisticsStory,
];
