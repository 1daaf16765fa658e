import { RequestError } from '../../errors';
import type { Fold } from '../../model/fold';
import type { Tensor } from '../../model/tensor';
import type { SafetensorsFile } from './readHeader';
import { jsonEntry } from './spannedJson';

/**
 * Tensors that the file leaves out because a network holds them under two names: `save_model` of safetensors writes
 * one and notes the other in the metadata, as `left out → kept`. They lie where the kept ones lie.
 */
export function aliases(
  files: readonly SafetensorsFile[],
  tensorsByName: ReadonlyMap<string, Tensor>,
): Tensor[] {
  return files.flatMap(({ header }) => {
    const metadata = jsonEntry(header, '__metadata__')?.value;
    if (metadata?.kind !== 'object') return [];
    return metadata.entries.flatMap(({ key: name, value }) => {
      const kept = value.kind === 'leaf' ? tensorsByName.get(String(value.value)) : undefined;
      return kept === undefined || tensorsByName.has(name) ? [] : [{ ...kept, name }];
    });
  });
}

/**
 * The folds without those of layers that the file leaves out: what the same layer's kept name folds is theirs too.
 * @throws RequestError when such a layer is to be folded and its kept name is not.
 */
export function keptFolds(
  folds: readonly Fold[],
  tensorsByName: ReadonlyMap<string, Tensor>,
): Fold[] {
  const kept = folds.filter(({ pair }) => tensorsByName.has(pair.conv.weight.name));
  const places = new Set(kept.map(({ pair }) => placeOf(pair.conv.weight)));
  const lone = folds.find(({ pair }) => !places.has(placeOf(pair.conv.weight)));
  if (lone === undefined) return kept;
  throw new RequestError(
    'FOLDS_DISAGREE',
    `${lone.pair.id} is another name of a layer that is not folded: fold that one as well.`,
  );
}

function placeOf({ location }: Tensor): string {
  return location.kind === 'range' ? `${location.source}:${location.offset}` : '';
}
