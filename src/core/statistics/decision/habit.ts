import { findingSentence } from '../../model/findingSentence';
import type { Pair } from '../../model/pair';
import { groupBy } from '../../pairing/modules/groupBy';
import type { Study } from '../recovery/study';
import { namePattern } from '../signTest';
import { contradictPair } from './verdict';

/** So many BatchNorms named alike, and half of all that are, make a habit of an activation in front of them. */
const MIN_HABIT = 3;

/**
 * Blocks what stays silent among BatchNorms that are named alike and found to have an activation in front: whoever
 * writes it before the BatchNorm writes it throughout, but the first convolution of a network, whose input is unknown,
 * cannot show it.
 */
export function blockByHabit(pairs: readonly Pair[]): Pair[] {
  const groups = groupBy(pairs, ({ bn }) => namePattern(bn.name));
  return pairs.map((pair) => {
    const alike = groups.get(namePattern(pair.bn.name)) ?? [];
    const behind = alike.filter(isBehindActivation).length;
    const isHabit =
      behind >= MIN_HABIT &&
      2 * behind >= alike.length &&
      !alike.some(({ statistics }) => statistics?.says === 'confirms');
    const { statistics } = pair;
    if (!isHabit || statistics?.says !== 'silent' || pair.evidence === 'graph') return pair;
    const sentence = findingSentence('ALIKE_BEHIND_ACTIVATION', behind, alike.length);
    return contradictPair(pair, { ...statistics, ...sentence, says: 'contradicts' }, [
      ['ACTIVATION_BETWEEN', 'An activation'],
    ]);
  });
}

function isBehindActivation({ statistics, reasons }: Pair): boolean {
  const isAccused = reasons.some(({ code }) => code === 'ACTIVATION_BETWEEN');
  return isAccused && statistics?.says === 'contradicts';
}

/** With fewer other pairs, a network may have nothing but its first convolution to go by. */
const MIN_OTHERS = 3;

/**
 * Whether the study's input is unknown and none of at least three other pairs is proved. The fitted means of an image
 * make good for whatever bends the means of a single layer, such as an ELU behind it.
 */
export function isAlone(study: Study, pairs: number, proved: number): boolean {
  return study.best?.feed.origin.kind === 'unknown' && proved <= 1 && pairs > MIN_OTHERS;
}
