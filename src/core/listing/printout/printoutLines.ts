/** One line of a text by character offsets; `end` is before the line break, `next` after it. */
export interface PrintoutLine {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** Splits a text at `\n`; a `\r` before it belongs to the break. */
export function splitLines(text: string): PrintoutLine[] {
  const lines: PrintoutLine[] = [];
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf('\n', start);
    const next = newline === -1 ? text.length : newline + 1;
    let end = newline === -1 ? text.length : newline;
    if (end > start && text.charAt(end - 1) === '\r') end--;
    lines.push({ start, end, next });
    start = next;
  }
  return lines;
}

/** Loggers write a date, a level and a name. */
const MAX_PREFIX = 300;

/**
 * Turns what a logger put in front of one line into a pattern for all lines: digits and blanks may differ. Null when
 * there is nothing in front, or more than any logger writes.
 */
export function prefixPattern(prefix: string): RegExp | null {
  const trimmed = prefix.trimEnd();
  if (trimmed === '' || trimmed.length > MAX_PREFIX) return null;
  const parts = trimmed.split(/(\d+|\s+)/).map((part) => {
    if (/^\d+$/.test(part)) return '\\d+';
    if (/^\s+$/.test(part)) return '\\s+';
    return part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}`);
}

/** Offset of a line's first character that is neither prefix nor blank; the line's end for an empty line. */
export function bodyStart(text: string, line: PrintoutLine, prefix: RegExp | null): number {
  let at = line.start;
  if (prefix !== null) at += prefix.exec(text.slice(line.start, line.end))?.[0].length ?? 0;
  while (at < line.end && /\s/.test(text.charAt(at))) at++;
  return at;
}
