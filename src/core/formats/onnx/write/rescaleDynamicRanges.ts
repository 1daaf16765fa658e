import { encodeFloats } from '../../../bytes/floats';
import type { NodeRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { asMessage, fieldsOf } from '../wire/fields';
import { bytesField } from './protoPieces';
import type { WriteContext } from './writeContext';

/** The attribute in which NVIDIA's quantized SparseConvolution keeps the largest weight of each output channel. */
const RANGES = 'weight_dynamic_ranges';

/** A weight's range per channel grows with its channel: the quantizer's amax of a checkpoint, in ONNX's clothes. */
export function rescaleDynamicRanges(
  { reader, edits }: WriteContext,
  { node, span }: NodeRecord,
  scale: Float64Array,
): void {
  const ranges = node.attributes.get(RANGES);
  if (ranges?.kind !== 'floats' || ranges.value.length !== scale.length) return;
  const rescaled = scale.map((factor, channel) => Math.abs(factor) * (ranges.value[channel] ?? 0));
  const numbers = fieldNumbers.attribute;
  for (const field of fieldsOf(reader, span)) {
    if (field.number !== fieldNumbers.node.attribute) continue;
    const attribute = asMessage(field, span);
    const parts = [...fieldsOf(reader, attribute)];
    const name = parts.find(({ number }) => number === numbers.name);
    if (name === undefined || !isText(reader.bytes(name.from, name.end), RANGES)) continue;
    for (const { number, start, end } of parts) {
      if (number === numbers.floats) edits.push({ within: attribute, start, end, pieces: [] });
    }
    // Packed: readers of either protobuf syntax take both forms.
    const pieces = bytesField(numbers.floats, encodeFloats(rescaled, 'f32'));
    edits.push({ within: attribute, start: attribute.end, end: attribute.end, pieces });
  }
}

function isText(bytes: Uint8Array, text: string): boolean {
  return String.fromCharCode(...bytes) === text;
}
