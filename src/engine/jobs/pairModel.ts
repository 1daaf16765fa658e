import type { OpenedModel } from '../../core/model/openedModel';
import type { Pairing } from '../../core/model/pair';
import { findPairs } from '../../core/pairing/findPairs';
import { screenValues } from '../../core/statistics/screenValues';
import { applySignTest } from '../../core/statistics/signTest';
import type { PairingParams } from '../../protocol/engine';
import { readStructure } from './readStructure';
import type { JobContext } from './jobContext';

/**
 * A model's pairs with their final verdicts: structure first, then what the small vectors of the BatchNorms say.
 * Weights are read only for the full statistical test, when `params.statistics` asks for it.
 */
export async function pairModel(
  model: OpenedModel,
  params: PairingParams,
  context: JobContext,
): Promise<Pairing> {
  context.report({ stage: 'pair', done: 0, total: 0 });
  const structure = params.structure === null ? null : await readStructure(params.structure);
  const found = findPairs(model, { ...params, structure });
  await context.checkpoint();
  // A listing has shapes and no values: nothing speaks against its pairs, and nothing can.
  if (model.format === 'module-text') return found;
  const screened = screenValues(model, found);
  await context.checkpoint();
  if (!params.statistics) return applySignTest(model, screened);
  const { testify } = await import('../../core/statistics/testify');
  const { pairing } = testify(model, screened, {
    policy: params.policy,
    isCancelled: () => context.isCancelled,
    onProgress: (done, total) => {
      context.report({ stage: 'statistics', done, total });
    },
  });
  return pairing;
}
