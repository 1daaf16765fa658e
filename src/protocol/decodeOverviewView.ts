import { isAnyOf, isNullOr, isObjectOf, isOneOf, isText, type Guard } from './guards';
import type { FromOverviewView } from './overviewView';

/** A message from the page, or null for anything the page does not say. */
export function decodeFromOverviewView(value: unknown): FromOverviewView | null {
  return isMessage(value) ? value : null;
}

const actions = [
  'ready',
  'retry',
  'fuse',
  'structure',
  'drift',
  'statistics',
  'test',
  'stop',
] as const;
const pairActions = ['surroundings', 'fusePair', 'pairDrift', 'pairStatistics'] as const;

const isMessage: Guard<FromOverviewView> = isAnyOf(
  isObjectOf<{ readonly type: (typeof actions)[number] }>({ type: isOneOf(...actions) }),
  isObjectOf<{ readonly type: (typeof pairActions)[number]; readonly id: string }>({
    type: isOneOf(...pairActions),
    id: isText,
  }),
  isObjectOf<{
    readonly type: 'reveal';
    readonly layer: string;
    readonly id: string | null;
  }>({ type: isOneOf('reveal'), layer: isText, id: isNullOr(isText) }),
);
