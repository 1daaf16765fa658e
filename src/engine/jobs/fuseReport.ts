import type { OpenedModel } from '../../core/model/openedModel';
import type { Pair, Pairing } from '../../core/model/pair';
import type { FuseReport, WorstFold } from '../../protocol/reports';
import type { CheckedFold } from '../writer/checkFolds';
import { reasonReport } from './inspectReport';

/** The pairs a fuse leaves as they are, as its report lists them. */
export function leftReport(left: readonly Pair[]): FuseReport['left'] {
  return left.map(({ id, verdict, reasons }) => ({
    id,
    verdict,
    reasons: reasons.map(reasonReport),
  }));
}

/** The fold with the lowest SQNR; identical ones come last, and among them the first. Null when nothing was folded. */
export function worstFold(checks: readonly CheckedFold[]): WorstFold | null {
  const [worst] = checks.toSorted((a, b) => decibels(a) - decibels(b));
  if (worst === undefined) return null;
  const { sqnrDb, maxAbs } = worst.metrics;
  return { id: worst.id, sqnrDb, maxAbs };
}

/** Why there is nothing to fold, in one sentence. */
export function nothingToFoldNote(
  model: OpenedModel,
  pairing: Pairing,
  left: readonly Pair[],
): string {
  const { pairs, unpaired } = pairing;
  if (pairs.length === 0 && unpaired.length === 0) {
    // What readers and pairing have to tell of a model without BatchNorms is who folded it, and how that shows.
    const told = [...model.problems, ...pairing.problems].filter(
      ({ severity }) => severity === 'info',
    );
    const sentences = told.map(({ message }) => message);
    return sentences.length > 0 ? sentences.join(' ') : 'There is no BatchNorm in this file.';
  }
  if (pairs.length === 0) {
    return `No BatchNorm (of ${unpaired.length}) has a convolution in front of it.`;
  }
  const skipped = left.filter(({ verdict }) => verdict === 'skipped').length;
  const blocked = left.length - skipped;
  return `${whatIsLeft(skipped, blocked)}, so there is nothing to fold.`;
}

function whatIsLeft(skipped: number, blocked: number): string {
  if (skipped + blocked === 1) return `The only pair is ${skipped === 1 ? 'skipped' : 'blocked'}`;
  if (blocked === 0) return `All ${skipped} pairs are skipped`;
  if (skipped === 0) return `All ${blocked} pairs are blocked`;
  const first = skipped === 1 ? '1 pair is' : `${skipped} pairs are`;
  return `${first} skipped and ${blocked} ${blocked === 1 ? 'is' : 'are'} blocked`;
}

function decibels({ metrics }: CheckedFold): number {
  return metrics.sqnrDb === 'identical' ? Infinity : metrics.sqnrDb;
}
