import type { OpenedModel } from '../../core/model/openedModel';
import type { Pairing } from '../../core/model/pair';
import { findPairs } from '../../core/pairing/findPairs';
import { screenValues } from '../../core/statistics/screenValues';
import { applySignTest } from '../../core/statistics/signTest';
import type { PairingParams } from '../../protocol/engine';
import type { ModelAndFiles } from '../modelCache';
import type { TestimonySource } from '../statistics/testimonySource';
import { readStructure } from './readStructure';
import type { JobContext } from './jobContext';
import type { StatisticsReport } from '../../protocol/reports';
import { statisticsReport, untestedReport } from './statisticsReport';

/** A model's pairs with their final verdicts, and what its statistics said about them. */
export interface TestedPairing {
  readonly pairing: Pairing;
  readonly statistics: StatisticsReport;
}

/**
 * A model's pairs with their final verdicts: structure first, then what the small vectors of the BatchNorms say.
 * Weights are not read.
 */
export async function pairModel(
  model: OpenedModel,
  params: PairingParams,
  context: JobContext,
): Promise<Pairing> {
  const screened = await screenedPairs(model, params, context);
  return hasValues(model) ? applySignTest(model, screened) : screened;
}

/** The same with the full statistical test, which reads the weights, where `params.statistics` asks for it. */
export async function pairAndTest(
  opened: ModelAndFiles,
  params: PairingParams,
  testimonies: TestimonySource,
  context: JobContext,
): Promise<TestedPairing> {
  const { model } = opened;
  if (!params.statistics || !hasValues(model)) {
    const pairing = await pairModel(model, params, context);
    return { pairing, statistics: untestedReport(model, pairing) };
  }
  const screened = await screenedPairs(model, params, context);
  const { pairing, summary } = await testimonies.of(opened, screened, params, context);
  return { pairing, statistics: statisticsReport(summary) };
}

/** The pairs as their structure and the values of their BatchNorms show them, before any statistical test. */
export async function screenedPairs(
  model: OpenedModel,
  params: PairingParams,
  context: JobContext,
): Promise<Pairing> {
  context.report({ stage: 'pair', done: 0, total: 0 });
  const structure = params.structure === null ? null : await readStructure(params.structure);
  const found = findPairs(model, { ...params, structure });
  await context.checkpoint();
  if (!hasValues(model)) return found;
  const screened = screenValues(model, found);
  await context.checkpoint();
  return screened;
}

/** A listing has shapes and no values: nothing speaks against its pairs, and nothing can. */
export function hasValues({ format }: OpenedModel): boolean {
  return format !== 'module-text';
}
