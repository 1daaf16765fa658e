import type { Pair } from '../../model/pair';
import { isProof } from '../decision/proof';
import { turnedLayout, withLayout } from '../decision/layout';
import { everyFewFirst, MAX_FRUITLESS } from '../everyFewFirst';
import { makeStudy, type EvidenceBase } from './evidenceBase';
import { tryFreeInput } from './freeInput';
import { chainLayers, singleLayers } from './layers';
import type { Study } from './study';

/**
 * For pairs that the statistics do not prove as they are read: studies of the weight read the other way, where its
 * shape allows that. Only these weights are read once more. Yields after each.
 */
export function* turnedStudies(
  pairs: readonly Pair[],
  base: EvidenceBase,
): Generator<void, readonly Study[]> {
  const proved = new Set(base.studies.filter((study) => isProof(study)).map(({ id }) => id));
  const open = pairs.filter((pair) => !proved.has(pair.id) && turnedLayout(pair) !== null);
  const studies: Study[] = [];
  base.work.share(1);
  for (const [idx, pair] of everyFewFirst(open).entries()) {
    // Numbers that explain nothing at all were made up, or stand still while the weights moved on.
    const isFruitless = proved.size === 0 && !studies.some((study) => isProof(study));
    if (idx >= MAX_FRUITLESS && isFruitless) break;
    const layout = turnedLayout(pair);
    const norm = base.norms.find(({ layer }) => layer.name === pair.bn.name);
    const witness = layout === null ? null : base.read(withLayout(pair.conv, layout));
    const study = witness && norm ? makeStudy(pair.id, witness, norm, base.work) : null;
    if (study !== null) {
      tryFreeInput(study);
      yield* study.considerLayers(singleLayers(study.witness, base));
      yield* study.considerLayers(chainLayers(study.witness, base));
      studies.push(study);
    }
    yield;
  }
  return studies;
}
