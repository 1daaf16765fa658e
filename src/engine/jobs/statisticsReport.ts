import type { OpenedModel } from '../../core/model/openedModel';
import type { Pairing } from '../../core/model/pair';
import type { StatisticsSummary } from '../../core/statistics/summary';
import { fillPlaces } from '../../core/wording/fillPlaces';
import { untestedText } from '../../core/wording/statisticsText';
import type { StatisticsReport } from '../../protocol/reports';

/** What the full test says of a file, as reports carry it. */
export function statisticsReport(summary: StatisticsSummary): StatisticsReport {
  return { test: 'full', ...summary };
}

/** What is known of a file's statistics without the full test, and why it did not run. */
export function untestedReport(model: OpenedModel, pairing: Pairing): StatisticsReport {
  const { pairs } = pairing;
  const contradicted = pairs.filter(({ statistics }) => statistics?.says === 'contradicts').length;
  const test = untested(model);
  return {
    test,
    pairs: pairs.length,
    confirmed: 0,
    silent: pairs.length - contradicted,
    contradicted,
    proposed: 0,
    activation: null,
    sentence: untestedText(test, contradicted, fillPlaces),
  };
}

function untested({ format, network }: OpenedModel): 'signs' | 'not-needed' | 'no-values' {
  if (format === 'module-text') return 'no-values';
  return network.kind === 'graph' ? 'not-needed' : 'signs';
}
