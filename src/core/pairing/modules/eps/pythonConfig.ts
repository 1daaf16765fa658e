/** A value of a config text: a dict, a list, or a plain value as text. */
export type ConfigValue = string | readonly ConfigValue[] | ConfigDict;
export type ConfigDict = ReadonlyMap<string, ConfigValue>;

/** Configs are short; a longer text is not one. */
const MAX_TEXT = 4 * 1024 * 1024;
/** Nesting of real configs stays below 20. */
const MAX_DEPTH = 64;

/** Whether a config value is a dict. */
export function isConfigDict(value: ConfigValue | undefined): value is ConfigDict {
  return value instanceof Map;
}

/**
 * Reads the Python text in which mmcv keeps a config: assignments of `dict(type='BN', eps=1e-3)`, `{...}`, lists and
 * plain values. Nothing is evaluated; what is not of this form is passed over. Returns the assignments as a dict.
 */
export function parsePythonConfig(text: string): ConfigDict {
  const reader: Reader = { tokens: tokensOf(text.slice(0, MAX_TEXT)), at: 0 };
  const config = new Map<string, ConfigValue>();
  while (reader.at < reader.tokens.length) {
    const name = reader.tokens[reader.at] ?? '';
    if (/^[A-Za-z_]\w*$/.test(name) && reader.tokens[reader.at + 1] === '=') {
      reader.at += 2;
      config.set(name, readValue(reader, 0));
    } else {
      reader.at++;
    }
  }
  return config;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function tokensOf(text: string): string[] {
  const pattern =
    /#[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][\w.]*|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[()[\]{}=:,]/g;
  return (text.match(pattern) ?? []).filter((token) => !token.startsWith('#'));
}

function readValue(reader: Reader, depth: number): ConfigValue {
  const token = reader.tokens[reader.at++] ?? '';
  if (depth > MAX_DEPTH) return '';
  if (token === 'dict' && reader.tokens[reader.at] === '(') {
    reader.at++;
    return readDict(reader, ')', '=', depth + 1);
  }
  if (token === '{') return readDict(reader, '}', ':', depth + 1);
  if (token === '[') return readList(reader, ']', depth + 1);
  if (token === '(') return readList(reader, ')', depth + 1);
  return unquoted(token);
}

function readDict(reader: Reader, end: string, assign: string, depth: number): ConfigDict {
  const dict = new Map<string, ConfigValue>();
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at++] ?? '';
    if (token === end) break;
    if (reader.tokens[reader.at] !== assign) continue;
    reader.at++;
    dict.set(unquoted(token), readValue(reader, depth));
  }
  return dict;
}

function readList(reader: Reader, end: string, depth: number): readonly ConfigValue[] {
  const list: ConfigValue[] = [];
  while (reader.at < reader.tokens.length) {
    const token = reader.tokens[reader.at] ?? '';
    if (token === end) {
      reader.at++;
      break;
    }
    if (token === ',') reader.at++;
    else list.push(readValue(reader, depth));
  }
  return list;
}

function unquoted(token: string): string {
  return /^(['"]).*\1$/.test(token) ? token.slice(1, -1) : token;
}
