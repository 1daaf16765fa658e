import type { FoldPiece } from '../../bytes/outputPlan';
import type { FoldChanges, ScaledWeight, WrittenTensor } from './foldChanges';
import { isSameFold, isSameValues } from './sameChange';

/** What becomes of one tensor. */
export type TensorChange =
  | { readonly kind: 'scaled'; readonly change: ScaledWeight }
  | { readonly kind: 'written'; readonly change: WrittenTensor };

/** The changes of tensors that are in the file already. */
export function tensorChanges({ scaled, written }: FoldChanges): TensorChange[] {
  return [
    ...scaled.map((change) => ({ kind: 'scaled', change }) as const),
    ...written.map((change) => ({ kind: 'written', change }) as const),
  ];
}

/** Whether two changes of the same bytes come to the same. */
export function isSameChange(a: TensorChange, b: TensorChange): boolean {
  if (a.kind === 'scaled') {
    return b.kind === 'scaled' && isSameFold(a.change.fold, b.change.fold);
  }
  return b.kind === 'written' && isSameValues(a.change.values, b.change.values);
}

/** The piece that scales a weight. */
export function scaledPiece(
  { fold, storedBias }: ScaledWeight,
  from: FoldPiece['from'],
  length: number,
): FoldPiece {
  const check = { reference: fold.reference, storedBias };
  return { kind: 'fold', id: fold.pair.id, from, length, weight: fold.weight, check };
}
