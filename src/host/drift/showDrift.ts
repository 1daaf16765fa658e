import type { DriftSubject } from '../../protocol/driftView';
import type { PairReport } from '../../protocol/reports';
import type { OpenModels } from '../openModels';
import type { DriftPanels } from './driftPanels';

/**
 * Two files are compared with each other; any other number each with its own fold.
 * @throws when one of two files cannot be read.
 */
export async function showDrift(
  panels: DriftPanels,
  models: OpenModels,
  paths: readonly string[],
): Promise<void> {
  const [first, second, ...more] = paths;
  if (first !== undefined && second !== undefined && more.length === 0) {
    panels.show(await inOrder(models, first, second));
    return;
  }
  for (const reference of paths) panels.show({ reference, candidate: null });
}

/** The file that still has pairs to fold is the reference; when both or none have, the one named first. */
async function inOrder(models: OpenModels, first: string, second: string): Promise<DriftSubject> {
  const [one, other] = await Promise.all([models.ready(first), models.ready(second)]);
  const isFirstFolded = !hasWork(one.report.pairs) && hasWork(other.report.pairs);
  return isFirstFolded
    ? { reference: second, candidate: first }
    : { reference: first, candidate: second };
}

function hasWork(pairs: readonly PairReport[]): boolean {
  return pairs.some(({ verdict }) => verdict === 'fusable');
}
