import { ModelFormatError } from '../../../errors';

/** Lists in objects in lists; programs nest about ten deep. */
const MAX_DEPTH = 100;
/** Lists, objects and what they hold; an operator has some two hundred. Each takes up to 60 bytes of memory. */
const MAX_ITEMS = 1_500_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Parses JSON that is no bomb: how much it holds and how deep is counted before anything is built.
 * @throws ModelFormatError when there is too much; SyntaxError when the text is no JSON.
 */
export function parseModestJson(text: string): unknown {
  let depth = 0;
  let items = 0;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (isText) {
      if (letter === BACKSLASH) at++;
      else if (letter === QUOTE) isText = false;
    } else if (letter === QUOTE) isText = true;
    else if (letter === COMMA) items++;
    else if (OPENING.has(letter)) {
      depth++;
      items++;
    } else if (CLOSING.has(letter)) depth--;
    if (depth > MAX_DEPTH || items > MAX_ITEMS) {
      throw new ModelFormatError(
        `the program nests deeper than ${MAX_DEPTH} or holds more than ${MAX_ITEMS} items, at character ${at}`,
      );
    }
  }
  return JSON.parse(text);
}
