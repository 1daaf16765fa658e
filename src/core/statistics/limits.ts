/** Layers have some thousands of channels; a vector of more is damaged or hostile, and would fill the memory. */
export const MAX_CHANNELS = 2 ** 20;
