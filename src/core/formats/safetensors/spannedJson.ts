import { ModelFormatError } from '../../errors';

/** A JSON value with its place in the text, so that an edit can leave everything else as it was written. */
export type JsonNode = JsonObject | JsonArray | JsonLeaf;

interface Span {
  /** The value is text[start, end). */
  readonly start: number;
  readonly end: number;
}

export interface JsonObject extends Span {
  readonly kind: 'object';
  /** In the order of the text. */
  readonly entries: readonly JsonEntry[];
}

/** text[start, end) is the key, the colon and the value. */
export interface JsonEntry extends Span {
  readonly key: string;
  readonly value: JsonNode;
}

export interface JsonArray extends Span {
  readonly kind: 'array';
  readonly items: readonly JsonNode[];
}

export interface JsonLeaf extends Span {
  readonly kind: 'leaf';
  readonly value: string | number | boolean | null;
}

/** Tensors' headers nest three deep. */
const MAX_DEPTH = 32;
/** A header of a hundred thousand tensors has a million values. */
const MAX_NODES = 1_000_000;

const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Parses a whole text. `what` names it in errors.
 * @throws ModelFormatError when the text is no JSON, or is deeper or larger than a header is.
 */
export function parseSpannedJson(text: string, what: string): JsonNode {
  return new Parser(text, what).whole();
}

/** The value under a key; undefined when there is none. */
export function jsonEntry(node: JsonNode | undefined, key: string): JsonEntry | undefined {
  return node?.kind === 'object' ? node.entries.find((entry) => entry.key === key) : undefined;
}

/** The text of an object with other entries, laid out like the old ones. */
export function withEntries(text: string, object: JsonObject, entries: readonly string[]): string {
  const [first, second] = object.entries;
  if (first === undefined) return `{${entries.join(',')}}`;
  const last = object.entries.at(-1) ?? first;
  const separator = second === undefined ? ',' : text.slice(first.end, second.start);
  const opening = text.slice(object.start, first.start);
  return opening + entries.join(separator) + text.slice(last.end, object.end);
}

class Parser {
  private at = 0;
  private nodes = 0;

  constructor(
    private readonly text: string,
    private readonly what: string,
  ) {}

  whole(): JsonNode {
    const node = this.value(0);
    this.skipSpace();
    if (this.at !== this.text.length) this.fail();
    return node;
  }

  private value(depth: number): JsonNode {
    if (depth > MAX_DEPTH || ++this.nodes > MAX_NODES) {
      throw new ModelFormatError(
        `${this.what} nests deeper than ${MAX_DEPTH} or holds more than ${MAX_NODES} values`,
      );
    }
    this.skipSpace();
    const start = this.at;
    switch (this.text[this.at]) {
      case '{':
        return this.object(start, depth);
      case '[':
        return this.array(start, depth);
      case '"':
        return { kind: 'leaf', value: this.string(), start, end: this.at };
      default:
        return { kind: 'leaf', value: this.literal(), start, end: this.at };
    }
  }

  private object(start: number, depth: number): JsonObject {
    const entries: JsonEntry[] = [];
    this.list('}', () => {
      const entryStart = this.at;
      const key = this.string();
      this.skipSpace();
      this.expect(':');
      const value = this.value(depth + 1);
      entries.push({ key, value, start: entryStart, end: this.at });
    });
    return { kind: 'object', entries, start, end: this.at };
  }

  private array(start: number, depth: number): JsonArray {
    const items: JsonNode[] = [];
    this.list(']', () => {
      items.push(this.value(depth + 1));
    });
    return { kind: 'array', items, start, end: this.at };
  }

  /** Items between the bracket at hand and `closing`, which is consumed. */
  private list(closing: string, readItem: () => void): void {
    this.at++;
    this.skipSpace();
    if (this.text[this.at] === closing) {
      this.at++;
      return;
    }
    for (;;) {
      this.skipSpace();
      readItem();
      this.skipSpace();
      if (this.text[this.at] === closing) break;
      this.expect(',');
    }
    this.at++;
  }

  private string(): string {
    const raw = this.match(string);
    return raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1);
  }

  private literal(): number | boolean | null {
    const raw = this.match(literal);
    switch (raw) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      default:
        return Number(raw);
    }
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const [raw] = pattern.exec(this.text) ?? this.fail();
    this.at += raw.length;
    return raw;
  }

  private expect(letter: string): void {
    if (this.text[this.at] !== letter) this.fail();
    this.at++;
  }

  private skipSpace(): void {
    this.match(space);
  }

  private fail(): never {
    throw new ModelFormatError(`${this.what} is no valid JSON at character ${this.at}`);
  }
}
