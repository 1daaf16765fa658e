import { ModelFormatError } from '../../../errors';
import type { Expression } from './syntax';
import type { Token } from './tokens';

/** Brackets in brackets; code that a network needs has some ten. */
const MAX_DEPTH = 100;

/** Binary operators by how strongly they bind, the weakest first. */
const levels: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['in', 'is', '<', '>', '<=', '>=', '==', '!='],
  ['|'],
  ['^'],
  ['&'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '//', '%', '@'],
];

/** Reads tokens one by one; shared by the parsers of expressions and statements. */
export class TokenReader {
  private at = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? { kind: 'end', text: '' };
  }

  next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  /** Whether the next token is this symbol or word; then it is consumed. */
  accept(text: string): boolean {
    const { kind, text: found } = this.peek();
    const isMatch = found === text && (kind === 'symbol' || kind === 'name');
    if (isMatch) this.at++;
    return isMatch;
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail(`${text} is missing`);
  }

  /** Consumes a token of this kind. */
  take(kind: Token['kind']): string {
    const token = this.next();
    if (token.kind !== kind) this.fail(`a ${kind} is missing`);
    return token.text;
  }

  /** Runs `parse` one level deeper. */
  nested<T>(parse: () => T): T {
    if (++this.depth > MAX_DEPTH) this.fail(`it nests deeper than ${MAX_DEPTH}`);
    const result = parse();
    this.depth--;
    return result;
  }

  fail(why: string): never {
    throw new ModelFormatError(
      `the TorchScript code cannot be read at token ${this.at}, ${JSON.stringify(this.peek().text)}: ${why}`,
    );
  }
}

/** An expression, or a tuple without brackets. */
export function parseExpressions(reader: TokenReader): Expression {
  const first = parseExpression(reader);
  if (!isSymbol(reader, ',')) return first;
  const items = [first];
  while (reader.accept(',')) {
    if (startsExpression(reader)) items.push(parseExpression(reader));
  }
  return { kind: 'tuple', items };
}

/** `a if condition else b`, or anything that binds stronger. */
export function parseExpression(reader: TokenReader): Expression {
  return reader.nested(() => {
    const value = parseBinary(reader, 0);
    if (!reader.accept('if')) return value;
    const condition = parseBinary(reader, 0);
    reader.expect('else');
    return { kind: 'choice', condition, yes: value, no: parseExpression(reader) };
  });
}

function parseBinary(reader: TokenReader, level: number): Expression {
  const operators = levels[level];
  if (operators === undefined) return parseUnary(reader);
  let left = parseBinary(reader, level + 1);
  for (;;) {
    const isNegated = reader.peek().text === 'not' && reader.peek(1).text === 'in';
    if (isNegated) reader.next();
    const { text, kind } = reader.peek();
    const isOperator = operators.includes(text) && (kind === 'symbol' || kind === 'name');
    if (!isOperator) return left;
    reader.next();
    const isNot = text === 'is' && reader.accept('not');
    const name = isNegated ? 'not in' : isNot ? 'is not' : text;
    left = { kind: 'operator', name, operands: [left, parseBinary(reader, level + 1)] };
  }
}

function parseUnary(reader: TokenReader): Expression {
  for (const name of ['not', '-', '+', '~']) {
    if (!reader.accept(name)) continue;
    const operand = reader.nested(() => parseUnary(reader));
    if (name === '-' && operand.kind === 'literal' && typeof operand.value === 'number') {
      return { kind: 'literal', value: -operand.value };
    }
    return { kind: 'operator', name: `unary ${name}`, operands: [operand] };
  }
  const base = parsePostfix(reader);
  if (!reader.accept('**')) return base;
  return { kind: 'operator', name: '**', operands: [base, parseUnary(reader)] };
}

function parsePostfix(reader: TokenReader): Expression {
  let value = parseAtom(reader);
  for (;;) {
    if (reader.accept('.')) {
      value = { kind: 'attribute', object: value, name: reader.take('name') };
    } else if (reader.accept('(')) {
      value = parseCall(reader, value);
    } else if (reader.accept('[')) {
      const index = isSymbol(reader, ']') ? emptyTuple : parseSlice(reader);
      reader.expect(']');
      value = { kind: 'index', object: value, index };
    } else {
      return value;
    }
  }
}

const emptyTuple: Expression = { kind: 'tuple', items: [] };

/** An index; a slice becomes an operator that nobody computes. */
function parseSlice(reader: TokenReader): Expression {
  const parts: Expression[] = [];
  let isSlice = false;
  for (;;) {
    if (reader.accept(':')) isSlice = true;
    else if (isSymbol(reader, ']')) break;
    else parts.push(parseExpressions(reader));
  }
  const [only] = parts;
  if (!isSlice && parts.length === 1 && only !== undefined) return only;
  return { kind: 'operator', name: 'slice', operands: parts };
}

function parseCall(reader: TokenReader, callee: Expression): Expression {
  const args: Expression[] = [];
  const named: [string, Expression][] = [];
  while (!reader.accept(')')) {
    const isNamed = reader.peek().kind === 'name' && reader.peek(1).text === '=';
    if (isNamed && reader.peek(1).kind === 'symbol') {
      const name = reader.take('name');
      reader.expect('=');
      named.push([name, parseExpression(reader)]);
    } else {
      args.push(parseExpression(reader));
    }
    if (!isSymbol(reader, ')')) reader.expect(',');
  }
  return { kind: 'call', callee, args, named };
}

function parseAtom(reader: TokenReader): Expression {
  const token = reader.next();
  switch (token.kind) {
    case 'number':
      return { kind: 'literal', value: Number(token.text.replace(/j$/, '')) };
    case 'string':
      return { kind: 'literal', value: token.text };
    case 'name':
      return wordOf(token.text);
    default:
      break;
  }
  switch (token.text) {
    case '(':
      return parseBracket(reader);
    case '[':
      return { kind: 'list', items: parseItems(reader, ']') };
    case '{':
      return parseDict(reader);
    default:
      return reader.fail('an expression is missing');
  }
}

function wordOf(word: string): Expression {
  switch (word) {
    case 'True':
      return { kind: 'literal', value: true };
    case 'False':
      return { kind: 'literal', value: false };
    case 'None':
      return { kind: 'literal', value: null };
    case 'inf':
      return { kind: 'literal', value: Infinity };
    case 'nan':
      return { kind: 'literal', value: NaN };
    default:
      return { kind: 'name', name: word };
  }
}

/** What stands between round brackets: one expression, or a tuple. */
function parseBracket(reader: TokenReader): Expression {
  if (reader.accept(')')) return emptyTuple;
  const first = parseExpression(reader);
  if (reader.accept(')')) return first;
  reader.expect(',');
  return { kind: 'tuple', items: [first, ...parseItems(reader, ')')] };
}

function parseItems(reader: TokenReader, closing: string): Expression[] {
  const items: Expression[] = [];
  while (!reader.accept(closing)) {
    items.push(parseExpression(reader));
    if (!isSymbol(reader, closing)) reader.expect(',');
  }
  return items;
}

function parseDict(reader: TokenReader): Expression {
  const entries: [Expression, Expression][] = [];
  while (!reader.accept('}')) {
    const key = parseExpression(reader);
    reader.expect(':');
    entries.push([key, parseExpression(reader)]);
    if (!isSymbol(reader, '}')) reader.expect(',');
  }
  return { kind: 'dict', entries };
}

function startsExpression(reader: TokenReader): boolean {
  const { kind, text } = reader.peek();
  return (
    kind === 'name' || kind === 'number' || kind === 'string' || '([{-+~'.includes(text || '=')
  );
}

function isSymbol(reader: TokenReader, text: string): boolean {
  const token = reader.peek();
  return token.kind === 'symbol' && token.text === text;
}
