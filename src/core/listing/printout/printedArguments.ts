import type { ModuleAttribute } from '../../model/network';
import { QuotedText } from './brackets';
import type { TextRange } from './printout';

/** One argument of a printed module: `kernel_size=(3, 3)`, or a bare `64`. */
export interface PrintedArgument {
  /** null for an argument without a name. */
  readonly name: string | null;
  readonly value: ModuleAttribute;
  readonly range: TextRange;
  readonly valueRange: TextRange;
}

/** Splits what `extra_repr` printed at its commas. Values that are no plain Python literal stay text. */
export function parseArguments(text: string, extras: readonly TextRange[]): PrintedArgument[] {
  const parsed: PrintedArgument[] = [];
  let depth = 0;
  let from: number | null = null;
  const finish = (to: number): void => {
    if (from !== null) parsed.push(argumentOf(text, from, to));
    from = null;
  };
  for (const extra of extras) {
    const quoted = new QuotedText();
    for (let at = extra.from; at < extra.to; at++) {
      const character = text.charAt(at);
      if (character === ',' && depth === 0) {
        finish(at);
        continue;
      }
      if (from === null && !/\s/.test(character)) from = at;
      if ('([{'.includes(character)) depth++;
      else if (')]}'.includes(character)) depth = Math.max(0, depth - 1);
      else at = quoted.skip(text, at, extra.to);
    }
    // A new line starts a new argument unless a bracket is open over the break.
    if (depth === 0) finish(extra.to);
  }
  finish(extras.at(-1)?.to ?? 0);
  return parsed;
}

function argumentOf(text: string, from: number, to: number): PrintedArgument {
  const source = text.slice(from, to).trimEnd();
  const name = /^([A-Za-z_]\w*)\s*=\s*/.exec(source);
  const range = { from, to: from + source.length };
  const valueRange = { from: from + (name?.[0].length ?? 0), to: range.to };
  // NumPy 2 prints its numbers as `np.int64(1)`.
  const plain = text.slice(valueRange.from, valueRange.to).replace(/\bnp\.\w+\(([^()]*)\)/g, '$1');
  const value = literalOf(plain);
  return { name: name?.[1] ?? null, value, range, valueRange };
}

/** Numbers, True, False, None, quoted text, and flat tuples or lists of numbers and text. */
function literalOf(source: string): ModuleAttribute {
  if (source === 'True') return true;
  if (source === 'False') return false;
  if (source === 'None') return null;
  const items = /^[([]\s*([^()[\]{}]*?),?\s*[)\]]$/.exec(source)?.[1];
  if (items === undefined) return scalarOf(source);
  return items.trim() === '' ? [] : items.split(',').map((item) => scalarOf(item.trim()));
}

function scalarOf(source: string): number | string {
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(source)) return Number(source);
  const quoted = /^(['"])(.*)\1$/s.exec(source);
  return quoted?.[2] ?? source;
}
