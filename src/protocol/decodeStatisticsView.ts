import { isAnyOf, isObjectOf, isOneOf, isText } from './guards';
import type { FromStatisticsView, KeptStatistics } from './statisticsView';

/** A message from the page, or null for anything the page does not say. */
export function decodeFromStatisticsView(value: unknown): FromStatisticsView | null {
  return isMessage(value) ? value : null;
}

/** What a page kept over a reload; null when another version kept it, or something else did. */
export function decodeKeptStatistics(value: unknown): KeptStatistics | null {
  return isKept(value) ? value : null;
}

const isMessage = isAnyOf(
  isObjectOf<{ readonly type: 'ready' | 'test' | 'stop' }>({
    type: isOneOf('ready', 'test', 'stop'),
  }),
  isObjectOf<{ readonly type: 'picture' | 'reveal'; readonly id: string }>({
    type: isOneOf('picture', 'reveal'),
    id: isText,
  }),
);

const isKept = isObjectOf<KeptStatistics>({ path: isText, id: isText });
