const ZIP_ENTRY = [0x50, 0x4b, 0x03, 0x04];
/** An archive without entries begins with its end. */
const ZIP_END = [0x50, 0x4b, 0x05, 0x06];
/** `ustar` */
const TAR_MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72];
const TAR_MAGIC_AT = 257;
/** `L119547`: how protocols 0 and 1 begin to write the magic number of torch 0.2 to 1.5. */
const OLD_MAGIC = [0x4c, 0x31, 0x31, 0x39, 0x35, 0x34, 0x37];
const PROTO = 0x80;
const MAX_PROTOCOL = 5;

/** Whether a file is for `openTorch`: a zip archive, a pickle or a tar archive. `head` are its first bytes. */
export function isTorch(head: Uint8Array): boolean {
  const protocol = head[0] === PROTO ? (head[1] ?? 0) : 0;
  const isPickle = protocol >= 2 && protocol <= MAX_PROTOCOL;
  return isZip(head) || isPickle || isTar(head) || startsWith(head, OLD_MAGIC, 0);
}

/** Whether these are the first bytes of a tar archive. */
export function isTar(head: Uint8Array): boolean {
  return startsWith(head, TAR_MAGIC, TAR_MAGIC_AT);
}

/** Whether these are the first bytes of a zip archive. */
export function isZip(head: Uint8Array): boolean {
  return startsWith(head, ZIP_ENTRY, 0) || startsWith(head, ZIP_END, 0);
}

function startsWith(head: Uint8Array, magic: readonly number[], at: number): boolean {
  return magic.every((byte, idx) => head[at + idx] === byte);
}
