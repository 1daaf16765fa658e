import { elementCount } from '../../../core/model/tensor';

/**
 * Values that lie in blocks of channels, [N, C / block, …, block], in the usual order [N, C, …]. The last block may be
 * filled up; `shape` says how many channels there are.
 */
export function unblockChannels(
  values: ArrayLike<number>,
  shape: readonly number[],
  block: number,
): Float32Array {
  const [samples = 0, channels = 0, ...places] = shape;
  const size = elementCount(places);
  const blocks = Math.ceil(channels / block);
  const usual = new Float32Array(samples * channels * size);
  let to = 0;
  for (let sample = 0; sample < samples; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      let from = (sample * blocks + Math.floor(channel / block)) * size * block + (channel % block);
      for (let place = 0; place < size; place++, from += block) usual[to++] = values[from] ?? NaN;
    }
  }
  return usual;
}
