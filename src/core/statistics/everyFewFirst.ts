/** Layers that are tried in a file where nothing is proved yet. */
export const MAX_FRUITLESS = 12;

/** The same items, an even selection of them first. */
export function everyFewFirst<T>(items: readonly T[]): T[] {
  const step = Math.max(1, Math.floor(items.length / MAX_FRUITLESS));
  const isFirst = (_: T, idx: number): boolean => idx % step === 0;
  return [...items.filter(isFirst), ...items.filter((item, idx) => !isFirst(item, idx))];
}
