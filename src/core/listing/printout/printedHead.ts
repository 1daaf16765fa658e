import type { TextRange } from './printout';
import type { PrintoutLine } from './printoutLines';

/** The start of a child: `(key): Class(` or `(0-3): 4 x Class(`. */
export interface PrintedHead {
  readonly key: string;
  readonly repeat: { readonly first: number; readonly count: number } | null;
  /** Whether a count is printed that the key does not span. */
  readonly isRepeatBroken: boolean;
  readonly className: string;
  /** `(key): ` and the count, up to the class name. */
  readonly label: TextRange;
  /** Class name and opening bracket. */
  readonly call: TextRange;
}

const head = String.raw`\(((?:(?!\):).)+)\):[ \t]*(?:(\d+) x )?((?:[\p{L}_][\p{L}\p{N}_]*\.)*)([\p{L}_][\p{L}\p{N}_]*)\(`;
const headHere = new RegExp(head, 'uy');
/** Elsewhere on a line a key without brackets is asked for, so that a search stays linear. */
const headAnywhere = new RegExp(head.replace('.)+', '[^()])+'), 'u');

/** Reads a head at `at`. */
export function matchHead(text: string, at: number, end: number): PrintedHead | null {
  if (text.charAt(at) !== '(') return null;
  headHere.lastIndex = at;
  const match = headHere.exec(text);
  return match === null || headHere.lastIndex > end ? null : headOf(match, at);
}

/** Finds the first head of a line, whatever stands in front of it. */
export function findHead(text: string, line: PrintoutLine): PrintedHead | null {
  const match = headAnywhere.exec(text.slice(line.start, line.end));
  return match === null ? null : headOf(match, line.start + match.index);
}

/** Offset of the class name of a line that ends with `Class(`, or null for any other line. */
export function rootClassStart(text: string, line: PrintoutLine): number | null {
  let end = line.end;
  while (end > line.start && /\s/.test(text.charAt(end - 1))) end--;
  if (text.charAt(end - 1) !== '(') return null;
  let start = end - 1;
  while (start > line.start && /[\p{L}\p{N}_.]/u.test(text.charAt(start - 1))) start--;
  return start < end - 1 && /[\p{L}_]/u.test(text.charAt(start)) ? start : null;
}

function headOf(match: RegExpExecArray, at: number): PrintedHead {
  const [whole, key = '', count, packages = '', className = ''] = match;
  const callTo = at + whole.length;
  const callFrom = callTo - 1 - className.length - packages.length;
  const repeat = count === undefined ? null : repeatOf(key, Number(count));
  return {
    key,
    repeat,
    isRepeatBroken: count !== undefined && repeat === null,
    className,
    label: { from: at, to: callFrom },
    call: { from: callFrom, to: callTo },
  };
}

/** `0-3` of `(0-3): 4 x`. */
function repeatOf(key: string, count: number): { first: number; count: number } | null {
  const match = /^(\d+)-(\d+)$/.exec(key);
  const first = Number(match?.[1]);
  return Number(match?.[2]) - first + 1 === count ? { first, count } : null;
}
