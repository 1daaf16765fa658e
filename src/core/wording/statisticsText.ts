import type { Translate } from './countsText';

/** The counts a sentence about a whole file is made of. */
export interface CountedFindings {
  readonly pairs: number;
  readonly confirmed: number;
  readonly silent: number;
  readonly contradicted: number;
  readonly proposed: number;
}

/** What the full test of a file's running statistics says: `46 of 49 pairs confirmed, 3 silent.` */
export function statisticsText(counts: CountedFindings, t: Translate): string {
  const { pairs, confirmed, silent, contradicted, proposed } = counts;
  if (pairs === 0) return t('There is no pair for the statistics to speak about.');
  if (confirmed === 0 && contradicted === 0) {
    return t(
      'The statistics of this file say nothing (untrained, or frozen while the weights moved on).',
    );
  }
  const parts = [
    t('{0} of {1} pairs confirmed', confirmed, pairs),
    proposed > 0 ? t('{0} of them found by the statistics alone', proposed) : '',
    silent > 0 ? t('{0} silent', silent) : '',
    contradicted > 0 ? t('{0} contradicted', contradicted) : '',
  ].filter((part) => part !== '');
  return t('{0}.', parts.join(', '));
}

/** Why the full test did not run, and what is known all the same. */
export function untestedText(
  test: 'signs' | 'not-needed' | 'no-values',
  contradicted: number,
  t: Translate,
): string {
  switch (test) {
    case 'signs':
      return contradicted === 0
        ? t('The full statistical test did not run: only the signs of the running means were read.')
        : t(
            'The full statistical test did not run. By the signs of the running means, {0} pairs are contradicted.',
            contradicted,
          );
    case 'not-needed':
      return t('Data flow in the file proves the pairs, so the running statistics are not needed.');
    case 'no-values':
      return t('The file holds no running statistics.');
  }
}
