import type { ByteSource, SiblingFiles } from '../bytes/byteSource';
import { ModelFormatError } from '../errors';
import type { OpenedModel } from '../model/openedModel';

/** Enough for every signature and for a text to show what it is. */
const HEAD_BYTES = 4096;

/** A format's reader when `head` and `name` are those of its files, else null. Loaded when it is asked, not before. */
type Format = (head: Uint8Array, name: string) => Promise<Open | null>;
type Open = (source: ByteSource, siblings: SiblingFiles) => OpenedModel;

/** In the order they are asked: signatures that cannot be mistaken first, guesses last. */
const formats: readonly Format[] = [
  async (head) => {
    const { isTorch } = await import('./torch/isTorch');
    return isTorch(head) ? (await import('./torch/openTorch')).openTorch : null;
  },
  async (head, name) => {
    const { isSafetensors } = await import('./safetensors/isSafetensors');
    if (!isSafetensors(head, name)) return null;
    return (await import('./safetensors/openSafetensors')).openSafetensors;
  },
  async (head, name) => {
    const { isOnnx } = await import('./onnx/isOnnx');
    return isOnnx(head, name) ? (await import('./onnx/openOnnx')).openOnnx : null;
  },
  async (head, name) => {
    const { isModuleText } = await import('./moduleText/isModuleText');
    if (!isModuleText(head, name)) return null;
    return (await import('./moduleText/openModuleText')).openModuleText;
  },
];

/**
 * Opens a file of any format that is read here, by its first bytes and its name.
 * @throws ModelFormatError when the file is empty, unknown or damaged.
 */
export async function openModel(source: ByteSource, siblings: SiblingFiles): Promise<OpenedModel> {
  if (source.sizeBytes === 0) throw new ModelFormatError(`${source.name} is empty`);
  const head = source.read(0, Math.min(HEAD_BYTES, source.sizeBytes));
  refuseStandIn(head, source.name);
  for (const format of formats) {
    const open = await format(head, source.name);
    if (open !== null) return open(source, siblings);
  }
  throw new ModelFormatError(
    `${source.name} is neither an ONNX model, a PyTorch file, a safetensors file nor a printed network`,
  );
}

const GIT_LFS_POINTER = 'version https://git-lfs';

/** A clone without Git LFS has small texts where the models should be: the sentence says what helps. */
function refuseStandIn(head: Uint8Array, name: string): void {
  if (String.fromCharCode(...head.subarray(0, GIT_LFS_POINTER.length)) !== GIT_LFS_POINTER) return;
  throw new ModelFormatError(
    `${name} is a Git LFS pointer, not the model itself: fetch it with git lfs pull`,
  );
}
