import type { Story } from './story';

/** A person opens a PyTorch checkpoint. */
export const checkpointStory: Story = { title: 'PyTorch checkpoint', steps: [] };
