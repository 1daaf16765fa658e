import type { ByteSource } from '../../bytes/byteSource';
import { ModelFormatError } from '../../errors';
import { parsePrintout } from './parsePrintout';
import type { Printout } from './printout';
import { decodeText, type TextEncoding } from './textEncoding';

/** The printout of the largest published networks stays below 2 MB; logs around it may be longer. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;

export interface ReadPrintout {
  readonly printout: Printout;
  /** How the file was decoded; an edited text goes back the same way. */
  readonly encoding: TextEncoding;
}

/**
 * Reads a text file with a printed network in it.
 * @throws ModelFormatError when it is too long, or holds no printout or a broken one.
 */
export function readPrintout(source: ByteSource): ReadPrintout {
  if (source.sizeBytes > MAX_TEXT_BYTES) {
    throw new ModelFormatError(
      `${source.name} has ${source.sizeBytes} bytes; a text with a printed network may have ${MAX_TEXT_BYTES}`,
    );
  }
  const { text, encoding } = decodeText(source.read(0, source.sizeBytes));
  return { printout: parsePrintout(text, source.name), encoding };
}
