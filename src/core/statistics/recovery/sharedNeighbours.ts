import { fitPrediction, type Prediction } from '../fit';
import { predictionOf, type Reading } from '../readings';
import type { EvidenceBase } from './evidenceBase';
import { tryFreeInput } from './freeInput';
import type { Study } from './study';

/** Layers whose neighbourhood is borrowed: the nearest with the same kernel. */
const MAX_DONORS = 4;
/** A donor must explain this much. */
const MIN_SHARE = 0.9;
/** Readings tried with borrowed neighbourhoods: those that fit best with their own. */
const MAX_READINGS = 24;

/**
 * Sparse layers of one level share their neighbourhood (the `indice_key`): the probabilities that a tap finds an
 * active site are the same. In a narrow layer those unknowns eat up the proof; taken over from a wider or better
 * explained layer near by, they cost nothing.
 */
export function trySharedNeighbours(study: Study, base: EvidenceBase): void {
  const { plan, planes } = study.sums;
  if (plan.hasBase) return;
  const donors = base.studies
    .filter(({ sums, best }) => {
      const isAlike = sums.planes.length === planes.length && !sums.plan.hasBase;
      return isAlike && (best?.fit.share ?? 0) >= MIN_SHARE;
    })
    .filter((donor) => donor !== study)
    .toSorted((a, b) => Math.abs(a.order - study.order) - Math.abs(b.order - study.order))
    .slice(0, MAX_DONORS);
  const candidates = study.singles
    .toSorted((a, b) => b.fit.share - a.fit.share)
    .slice(0, MAX_READINGS);
  for (const donor of donors) {
    const shares = donor.best?.fit.coefficients;
    if (shares?.length !== planes.length - 1) continue;
    tryFreeInput(study, shares);
    for (const reading of candidates) study.offerShared(borrowed(study, reading, shares));
  }
}

/** The reading with the donor's probabilities in place of fitted ones. */
function borrowed(study: Study, reading: Reading, shares: Float64Array): Reading {
  const { feed, gain } = reading;
  const prediction = predictionOf(study.sums, reading);
  const base = prediction.base.map((value, row) =>
    prediction.columns.reduce(
      (sum, column, k) => sum + (shares[k] ?? 0) * (column[row] ?? 0),
      value,
    ),
  );
  const fixed: Prediction = { base, columns: [], limits: [] };
  return { feed, gain, prediction: fixed, fit: fitPrediction(study.stored, fixed, gain) };
}
