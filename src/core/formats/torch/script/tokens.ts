import { ModelFormatError } from '../../../errors';

/** A token of TorchScript's Python. `newline`, `indent` and `dedent` carry the block structure. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'symbol' | 'newline' | 'indent' | 'dedent' | 'end';
  /** For a string its value, without quotes and escapes. */
  readonly text: string;
}

const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?j?/y;
const string = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;
const symbol = /->|\*\*|\/\/|==|!=|<=|>=|<<|>>|[-+*/%@&|^~<>=.,:;()[\]{}]/y;
const blank = /[ \t]*/y;
const comment = /#[^\n]*/y;

/**
 * Splits code into tokens, `limit` at most. Lines within brackets are one line.
 * @throws ModelFormatError when the code is no Python, or longer.
 */
export function tokenize(code: string, limit: number): readonly Token[] {
  const tokens: Token[] = [];
  const indents = [0];
  let depth = 0;
  let at = 0;
  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(code)?.[0] ?? null;
    at += found?.length ?? 0;
    return found;
  };
  const push = (kind: Token['kind'], text: string): void => {
    if (tokens.length >= limit) throw fault('is longer than a network can be', at);
    tokens.push({ kind, text });
  };
  const startLine = (): void => {
    const width = (match(blank) ?? '').length;
    match(comment);
    if (at >= code.length || code[at] === '\n') return;
    if (width > (indents.at(-1) ?? 0)) {
      indents.push(width);
      push('indent', '');
    }
    while (width < (indents.at(-1) ?? 0)) {
      indents.pop();
      push('dedent', '');
    }
  };

  startLine();
  while (at < code.length) {
    if (code[at] === '\n') {
      at++;
      if (depth > 0) continue;
      if (tokens.at(-1)?.kind !== 'newline') push('newline', '');
      startLine();
      continue;
    }
    if (code[at] === '\r' || (match(blank) ?? '') !== '' || match(comment) !== null) {
      if (code[at] === '\r') at++;
      continue;
    }
    const start = at;
    const word = match(name);
    if (word !== null) push('name', word);
    else {
      const digits = match(number);
      const text = digits === null ? match(string) : null;
      const sign = digits === null && text === null ? match(symbol) : null;
      if (digits !== null) push('number', digits);
      else if (text !== null) push('string', unquote(text));
      else if (sign !== null) push('symbol', sign);
      else throw fault('holds a character that is no Python', start);
      if (sign !== null && '([{'.includes(sign)) depth++;
      if (sign !== null && ')]}'.includes(sign)) depth--;
    }
  }
  push('newline', '');
  for (let idx = 1; idx < indents.length; idx++) push('dedent', '');
  push('end', '');
  return tokens;
}

function fault(what: string, at: number): ModelFormatError {
  return new ModelFormatError(`the TorchScript code ${what}, at character ${at}`);
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(/\\([^])/g, (_, letter: string) => {
    switch (letter) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      default:
        return letter;
    }
  });
}
