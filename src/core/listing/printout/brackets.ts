const OPENING = '([{';
const CLOSING = ')]}';

/** Where a scan for brackets stands: inside how many of them. */
export interface BracketScan {
  readonly depth: number;
  /** Offset of the bracket that closes more than was opened; null when there is none. */
  readonly closedAt: number | null;
}

/**
 * Follows brackets through `text` from `from` to `to` (one line, or part of one), starting inside `depth` of them,
 * until a `)` closes more than was opened. Brackets inside quotes do not count; an apostrophe that is not closed
 * on the line is one. Kinds are not told apart, so that half-open intervals (`[0, 1)`) stay balanced.
 */
export function scanBrackets(text: string, from: number, to: number, depth: number): BracketScan {
  let inside = depth;
  const quoted = new QuotedText();
  for (let at = from; at < to; at++) {
    const end = quoted.skip(text, at, to);
    const character = text.charAt(at);
    if (end > at) {
      at = end;
    } else if (OPENING.includes(character)) {
      inside++;
    } else if (CLOSING.includes(character)) {
      if (inside > 0) inside--;
      else if (character === ')') return { depth: 0, closedAt: at };
    }
  }
  return { depth: inside, closedAt: null };
}

/**
 * Skips quoted text. A quote that nothing closes before the end of its line is an apostrophe, and so are all like it
 * on that line: looked for once, so that a scan stays linear.
 */
export class QuotedText {
  private apostrophes = '';

  /** Offset of the last character of the quoted text that starts at `at`, or `at` itself when none does. */
  skip(text: string, at: number, to: number): number {
    const quote = text.charAt(at);
    if ((quote !== "'" && quote !== '"') || this.apostrophes.includes(quote)) return at;
    for (let end = at + 1; end < to; end++) {
      const character = text.charAt(end);
      if (character === '\\') end++;
      else if (character === quote) return end;
    }
    this.apostrophes += quote;
    return at;
  }
}
