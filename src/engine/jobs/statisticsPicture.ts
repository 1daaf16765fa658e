import type { ScatterData } from '../../core/statistics/scatter';
import type { ScatterCandidate } from '../../core/statistics/scatterCandidates';
import type {
  PictureCandidate,
  StatisticsPicture,
  StatisticsPictureParams,
} from '../../protocol/statistics';
import type { ModelCache } from '../modelCache';
import type { TestimonySource } from '../statistics/testimonySource';
import type { JobContext } from './jobContext';
import { hasValues, screenedPairs } from './pairModel';

/** Predicted against stored running means of one pair. The full test runs unless its result is kept. */
export async function statisticsPicture(
  cache: ModelCache,
  testimonies: TestimonySource,
  params: StatisticsPictureParams,
  context: JobContext,
): Promise<StatisticsPicture | null> {
  context.throwIfCancelled();
  context.report({ stage: 'read', done: 0, total: 0 });
  const opened = await cache.open(params.path);
  try {
    if (!hasValues(opened.model)) return null;
    const screened = await screenedPairs(opened.model, params, context);
    const { scatters } = await testimonies.of(opened, screened, params, context);
    const scatter = scatters.get(params.id);
    return scatter === undefined ? null : pictureOf(params.id, scatter);
  } finally {
    opened.files.close();
  }
}

/** A scatter as plain numbers, without the channels whose statistics are no numbers. */
export function pictureOf(id: string, scatter: ScatterData): StatisticsPicture {
  const { bn, stored, std, channels } = scatter;
  const shown = Array.from(channels.keys()).filter(
    (row) => Number.isFinite(stored[row]) && Number.isFinite(std[row]),
  );
  const pick = (values: Int32Array | Float32Array): number[] =>
    shown.map((row) => values[row] ?? 0);
  return {
    id,
    bn,
    channels: pick(channels),
    stored: pick(stored),
    std: pick(std),
    candidates: scatter.candidates.map((candidate) => candidateOf(candidate, shown)),
  };
}

function candidateOf(
  { kind, conv, fedBy, fit, predicted }: ScatterCandidate,
  shown: readonly number[],
): PictureCandidate {
  return {
    kind,
    conv,
    fedBy,
    fit: Number.isFinite(fit) ? fit : null,
    predicted: shown.map((row) => {
      const value = predicted[row];
      return value !== undefined && Number.isFinite(value) ? value : null;
    }),
  };
}
