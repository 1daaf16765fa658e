import type { ByteSource, SiblingFiles } from '../bytes/byteSource';
import { ModelFormatError } from '../errors';
import type { OpenedModel } from '../model/openedModel';
import { isModuleText } from './moduleText/isModuleText';
import { openModuleText } from './moduleText/openModuleText';
import { isOnnx } from './onnx/isOnnx';
import { openOnnx } from './onnx/openOnnx';
import { isSafetensors } from './safetensors/isSafetensors';
import { openSafetensors } from './safetensors/openSafetensors';
import { isTorch } from './torch/isTorch';
import { openTorch } from './torch/openTorch';

/** Enough for every signature and for a text to show what it is. */
const HEAD_BYTES = 4096;

interface Format {
  readonly accepts: (head: Uint8Array, name: string) => boolean;
  readonly open: (source: ByteSource, siblings: SiblingFiles) => OpenedModel;
}

/** In the order they are asked: signatures that cannot be mistaken first, guesses last. */
const formats: readonly Format[] = [
  { accepts: isTorch, open: openTorch },
  { accepts: isSafetensors, open: openSafetensors },
  { accepts: isModuleText, open: openModuleText },
  { accepts: isOnnx, open: openOnnx },
];

/**
 * Opens a file of any format that is read here, by its first bytes and its name.
 * @throws ModelFormatError when the file is empty, unknown or damaged.
 */
export function openModel(source: ByteSource, siblings: SiblingFiles): OpenedModel {
  if (source.sizeBytes === 0) throw new ModelFormatError(`${source.name} is empty`);
  const head = source.read(0, Math.min(HEAD_BYTES, source.sizeBytes));
  const format = formats.find(({ accepts }) => accepts(head, source.name));
  if (format === undefined) {
    throw new ModelFormatError(
      `${source.name} is neither an ONNX model, a PyTorch file, a safetensors file nor a printed network`,
    );
  }
  return format.open(source, siblings);
}
