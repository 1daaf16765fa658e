import { promisedRange } from '../../core/drift/activationRange';
import { followingActivation } from '../../core/drift/followingActivation';
import type { DriftParams } from '../../protocol/drift';
import { foldIfPossible } from '../drift/foldIfPossible';
import type { ModelCache } from '../modelCache';
import type { JobContext } from './jobContext';
import { pairModel } from './pairModel';

/** What `--ranges` writes, keyed by pair. */
export type PromisedRanges = Readonly<
  Record<
    string,
    {
      readonly bn: string;
      readonly activation: string;
      readonly min: number;
      readonly max: number;
      readonly channelMin: readonly number[];
      readonly channelMax: readonly number[];
    }
  >
>;

/** The range every BatchNorm promises for its output, before a fold destroys the knowledge. Reads no weights. */
export async function promisedRanges(
  cache: ModelCache,
  params: DriftParams,
  context: JobContext,
): Promise<PromisedRanges> {
  const { model, files } = await cache.open(params.path);
  try {
    const { pairs } = await pairModel(model, params, context);
    return Object.fromEntries(
      pairs.flatMap((pair) =>
        foldIfPossible(model, pair).map(({ reference: { gamma, beta } }) => {
          const activation = followingActivation(model.network, pair.bn.name);
          const { min, max, channelMin, channelMax } = promisedRange(gamma, beta, activation);
          const channels = { channelMin: [...channelMin], channelMax: [...channelMax] };
          return [
            pair.id,
            { bn: pair.bn.name, activation: activation.name, min, max, ...channels },
          ];
        }),
      ),
    );
  } finally {
    files.close();
  }
}
