const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const PROTO = 0x80;
const MAX_PROTOCOL = 5;
/** `ustar` */
const TAR_MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72];
const TAR_MAGIC_AT = 257;
const TORCH_NAME = /\.(pt|pth|ckpt|bin|pkl|pt2|tar|mar|ptl|th)$/i;

/** Whether a file is for `openTorch`: a zip archive, a pickle or a tar archive. `head` are its first bytes, 512 or more where there are as many. */
export function isTorch(head: Uint8Array, name: string): boolean {
  const isPickle = head[0] === PROTO && (head[1] ?? 255) >= 1 && (head[1] ?? 255) <= MAX_PROTOCOL;
  return isZip(head) || isPickle || isTar(head) || TORCH_NAME.test(name);
}

/** Whether these are the first bytes of a tar archive. */
export function isTar(head: Uint8Array): boolean {
  return TAR_MAGIC.every((byte, idx) => head[TAR_MAGIC_AT + idx] === byte);
}

/** Whether these are the first bytes of a zip archive. */
export function isZip(head: Uint8Array): boolean {
  return ZIP_MAGIC.every((byte, idx) => head[idx] === byte);
}
