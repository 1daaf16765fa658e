import { findHead } from '../../listing/printout/printedHead';
import { splitLines } from '../../listing/printout/printoutLines';
import { decodeText } from '../../listing/printout/textEncoding';

/** Extensions of texts; a printout may start far behind the first bytes of a log. */
const textExtension = /\.(torchmodule|txt|log|out|md|rst)$/i;

/** Whether a file's first bytes and name look like a text with a printed network in it. */
export function isModuleText(head: Uint8Array, name: string): boolean {
  const isUtf16 = /^(255,254|254,255)$/.test(head.subarray(0, 2).join());
  // A cut in the middle of a character or code unit does not matter here.
  const { text } = decodeText(isUtf16 ? head.subarray(0, head.length & ~1) : head);
  if (text.includes('\0')) return false;
  if (textExtension.test(name)) return true;
  return splitLines(text).some((line) => findHead(text, line) !== null);
}
