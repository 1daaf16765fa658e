import { parseExpression, parseExpressions, TokenReader } from './parseExpression';
import type {
  Block,
  ClassDef,
  Expression,
  FunctionDef,
  Parameter,
  ScriptFile,
  Statement,
} from './syntax';
import { tokenize } from './tokens';

/**
 * Parses a file of TorchScript code of at most `limit` tokens. Types are read and forgotten.
 * @throws ModelFormatError when the code is no Python of the kind that TorchScript writes.
 */
export function parseScript(code: string, limit: number): ScriptFile {
  const tokens = tokenize(code, limit);
  const reader = new TokenReader(tokens);
  const classes = new Map<string, ClassDef>();
  const functions = new Map<string, FunctionDef>();
  while (reader.peek().kind !== 'end') {
    if (reader.peek().kind === 'newline') {
      reader.next();
    } else if (reader.accept('class')) {
      const parsed = parseClass(reader);
      classes.set(parsed.name, parsed);
    } else if (reader.accept('def')) {
      const parsed = parseFunction(reader);
      functions.set(parsed.name, parsed);
    } else {
      parseSimple(reader);
    }
  }
  return { classes, functions, tokenCount: tokens.length };
}

function parseClass(reader: TokenReader): ClassDef {
  const name = reader.take('name');
  const constants = new Map<string, Expression>();
  const methods = new Map<string, FunctionDef>();
  if (reader.accept('(')) {
    while (!reader.accept(')')) reader.next();
  }
  reader.expect(':');
  parseIndented(reader, () => {
    if (reader.accept('def')) {
      const method = parseFunction(reader);
      methods.set(method.name, method);
      return;
    }
    const statement = parseSimple(reader);
    const [target] = statement?.kind === 'assign' ? statement.targets : [];
    if (statement?.kind === 'assign' && target?.kind === 'name') {
      constants.set(target.name, statement.value);
    }
  });
  return { name, constants, methods };
}

function parseFunction(reader: TokenReader): FunctionDef {
  const name = reader.take('name');
  const parameters: Parameter[] = [];
  reader.expect('(');
  while (!reader.accept(')')) {
    // `*` separates arguments that must be named.
    if (reader.accept('*')) {
      reader.accept(',');
      continue;
    }
    const parameter = reader.take('name');
    const type = reader.accept(':') ? parseExpression(reader) : null;
    const absent = reader.accept('=') ? parseExpression(reader) : null;
    parameters.push({ name: parameter, type, absent });
    reader.accept(',');
  }
  if (reader.accept('->')) parseExpression(reader);
  reader.expect(':');
  return { name, parameters, body: parseBlock(reader) };
}

function parseBlock(reader: TokenReader): Block {
  const statements: Statement[] = [];
  parseIndented(reader, () => {
    const statement = parseStatement(reader);
    if (statement !== null) statements.push(statement);
  });
  return statements;
}

function parseIndented(reader: TokenReader, parseOne: () => void): void {
  reader.take('newline');
  // A function whose body is empty has no indented line.
  if (reader.peek().kind !== 'indent') return;
  reader.next();
  reader.nested(() => {
    while (reader.peek().kind !== 'dedent') {
      if (reader.peek().kind === 'end') reader.fail('a block does not end');
      if (reader.peek().kind === 'newline') reader.next();
      else parseOne();
    }
  });
  reader.next();
}

function parseStatement(reader: TokenReader): Statement | null {
  if (reader.accept('if')) return parseIf(reader);
  if (reader.accept('for')) {
    const target = parseTarget(reader);
    reader.expect('in');
    const over = parseExpression(reader);
    reader.expect(':');
    return { kind: 'for', target, over, body: parseBlock(reader) };
  }
  if (reader.accept('while')) {
    const condition = parseExpression(reader);
    reader.expect(':');
    return { kind: 'while', condition, body: parseBlock(reader) };
  }
  if (reader.accept('with')) {
    const contexts = [parseExpression(reader)];
    if (reader.accept('as')) reader.take('name');
    while (reader.accept(',')) contexts.push(parseExpression(reader));
    reader.expect(':');
    return { kind: 'with', contexts, body: parseBlock(reader) };
  }
  return parseSimple(reader);
}

/** Names that `for` binds; a full expression would take `in` for an operator. */
function parseTarget(reader: TokenReader): Expression {
  const items: Expression[] = [];
  do {
    items.push({ kind: 'name', name: reader.take('name') });
  } while (reader.accept(','));
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { kind: 'tuple', items };
}

function parseIf(reader: TokenReader): Statement {
  const condition = parseExpression(reader);
  reader.expect(':');
  const yes = parseBlock(reader);
  if (reader.accept('elif')) return { kind: 'if', condition, yes, no: [parseIf(reader)] };
  if (!reader.accept('else')) return { kind: 'if', condition, yes, no: [] };
  reader.expect(':');
  return { kind: 'if', condition, yes, no: parseBlock(reader) };
}

/** A statement of one line; null for one that does nothing. */
function parseSimple(reader: TokenReader): Statement | null {
  const statement = parseLine(reader);
  if (!reader.accept(';')) reader.take('newline');
  return statement;
}

function parseLine(reader: TokenReader): Statement | null {
  if (reader.accept('pass') || reader.accept('import')) {
    while (reader.peek().kind !== 'newline' && reader.peek().kind !== 'end') reader.next();
    return null;
  }
  if (reader.accept('return')) {
    const isBare = reader.peek().kind === 'newline';
    return { kind: 'return', value: isBare ? null : parseExpressions(reader) };
  }
  if (reader.accept('raise') || reader.accept('assert')) {
    while (reader.peek().kind !== 'newline' && reader.peek().kind !== 'end') reader.next();
    return null;
  }
  const first = parseExpressions(reader);
  if (reader.accept(':')) {
    parseExpression(reader);
    if (!reader.accept('=')) return null;
    return { kind: 'assign', targets: [first], value: parseExpressions(reader) };
  }
  if (!reader.accept('=')) return { kind: 'evaluate', value: first };
  return { kind: 'assign', targets: [first], value: parseExpressions(reader) };
}
