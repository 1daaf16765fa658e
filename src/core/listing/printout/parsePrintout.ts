import { ModelFormatError } from '../../errors';
import { scanBrackets } from './brackets';
import type { PrintedModule, Printout, TextRange } from './printout';
import { bodyStart, prefixPattern, splitLines, type PrintoutLine } from './printoutLines';
import { findHead, matchHead, rootClassStart, type PrintedHead } from './printedHead';

/** Real networks nest below 30 levels; the limit keeps recursion over the tree safe. */
const MAX_DEPTH = 200;
/** A repeat (`(0-3): 4 x Block(`) stands for many modules; the largest networks have some ten thousand. */
const MAX_MODULES = 200_000;
/** Text that repeats stand for, written out; the printouts of real networks have a hundredth of it. */
const MAX_REPEATED_CHARACTERS = 16_000_000;
/** How far a network's own arguments may reach before its first child is printed. */
const MAX_LEAD_LINES = 64;
const MAX_LEAD_CHARACTERS = 16_384;

/**
 * Finds every printed network in a text: classes, keys, arguments and their places. Nesting is told from brackets,
 * not from indentation. Text before, between and after the printouts is left alone, and so is what a logger put in
 * front of each line. Paths of a second printed network start with `printout2`.
 * @throws ModelFormatError with the line, when the text holds no printout or a broken one.
 */
export function parsePrintout(text: string, name: string): Printout {
  const parser = new PrintoutParser(text, name);
  const roots: PrintedModule[] = [];
  for (let root = parser.next(); root !== null; root = parser.next()) roots.push(root);
  const rootPaths = roots.map((_, idx) => (idx === 0 ? '' : `printout${idx + 1}`));
  if (roots.length > 0) return { text, roots, rootPaths };
  throw new ModelFormatError(
    `${name} holds no printed network: lines such as “Sequential(” and “(0): Conv2d(3, 8, …)” are expected`,
  );
}

interface OpenModule {
  readonly head: PrintedHead | null;
  readonly className: string;
  readonly lineIdx: number;
  readonly label: TextRange;
  readonly callFrom: number;
  readonly extras: TextRange[];
  readonly children: PrintedModule[];
  readonly keys: Set<string>;
  /** How many modules one printed child stands for, through the repeats around it. */
  readonly copies: number;
  /** Brackets that the arguments have opened so far. */
  depth: number;
}

class PrintoutParser {
  private readonly lines: readonly PrintoutLine[];
  private lineIdx = 0;
  private prefix: RegExp | null = null;
  private modules = 0;
  private repeatedCharacters = 0;
  private childLine = -1;
  private stack: OpenModule[] = [];

  constructor(
    private readonly text: string,
    private readonly name: string,
  ) {
    this.lines = splitLines(text);
  }

  /** The next network of the text, or null at its end. */
  next(): PrintedModule | null {
    for (; this.lineIdx < this.lines.length; this.lineIdx++) {
      const root = this.openRoot();
      if (root === null) continue;
      this.stack = [root];
      return this.readBody();
    }
    return null;
  }

  /** Opens what starts on the current line: a network, or modules cut out of one (they get a parent of no class). */
  private openRoot(): OpenModule | null {
    const line = this.lines[this.lineIdx];
    if (line === undefined) return null;
    const callFrom = rootClassStart(this.text, line);
    if (callFrom !== null && this.leadsToChild(line.end) && !this.isChild(line)) {
      const className = lastName(this.text.slice(callFrom, this.text.indexOf('(', callFrom)));
      this.lineIdx++;
      return this.open(null, className, { lineIdx: this.lineIdx - 1, callFrom });
    }
    const child = findHead(this.text, line);
    if (child === null) return null;
    this.learnPrefix(line, child);
    if (!this.isChild(line)) return null;
    return this.open(null, '', { lineIdx: this.lineIdx, callFrom: line.start });
  }

  /** Whether the lines after an opening bracket are arguments up to a first child; learns the log prefix from it. */
  private leadsToChild(openingEnd: number): boolean {
    const idx = this.nextChildLine(this.lineIdx + 1);
    const line = idx > this.lineIdx + MAX_LEAD_LINES ? undefined : this.lines[idx];
    if (line === undefined) return false;
    const child = findHead(this.text, line);
    if (child === null || line.end - openingEnd > MAX_LEAD_CHARACTERS) return false;
    this.learnPrefix(line, child);
    return this.isChild(line) && this.areArguments(this.lineIdx + 1, idx);
  }

  /** Number of the first line from `from` on with a child on it. Asked with growing numbers, so each line is read once. */
  private nextChildLine(from: number): number {
    if (this.childLine < from) {
      this.childLine = from;
      while (this.childLine < this.lines.length && !this.hasChild(this.childLine)) this.childLine++;
    }
    return this.childLine;
  }

  private hasChild(idx: number): boolean {
    const line = this.lines[idx];
    return line !== undefined && findHead(this.text, line) !== null;
  }

  private isChild(line: PrintoutLine): boolean {
    return matchHead(this.text, bodyStart(this.text, line, this.prefix), line.end) !== null;
  }

  private learnPrefix(line: PrintoutLine, child: PrintedHead): void {
    this.prefix = prefixPattern(this.text.slice(line.start, child.label.from));
  }

  private areArguments(from: number, to: number): boolean {
    let depth = 0;
    for (const line of this.lines.slice(from, to)) {
      const at = bodyStart(this.text, line, this.prefix);
      const scan = scanBrackets(this.text, at, line.end, depth);
      if (scan.closedAt !== null) return false;
      depth = scan.depth;
    }
    return depth === 0;
  }

  /** Reads lines until the root is closed. */
  private readBody(): PrintedModule {
    for (; this.lineIdx < this.lines.length; this.lineIdx++) {
      const line = this.lines[this.lineIdx];
      const top = this.stack.at(-1);
      if (line === undefined || top === undefined) break;
      const at = bodyStart(this.text, line, this.prefix);
      if (at === line.end) continue;
      const head = matchHead(this.text, at, line.end);
      if (head === null && isFragment(top)) return this.close(line.start);
      const root = head === null ? this.readRest(line, at) : this.readChild(line, head);
      if (root === null) continue;
      this.lineIdx++;
      return root;
    }
    const open = this.stack.at(-1);
    if (open !== undefined && isFragment(open)) return this.close(this.text.length);
    return this.fail(
      open?.lineIdx ?? 0,
      `the bracket of “${open?.className ?? ''}(” is never closed`,
    );
  }

  /** A `(key): Class(` line. A module's own arguments end where its first child starts, balanced or not. */
  private readChild(line: PrintoutLine, head: PrintedHead): PrintedModule | null {
    const parent = this.stack.at(-1);
    if (parent === undefined) return null;
    parent.depth = 0;
    this.claimKeys(parent, head);
    if (this.stack.length > MAX_DEPTH) {
      this.fail(this.lineIdx, `modules are nested more than ${MAX_DEPTH} deep`);
    }
    const from = head.call.to;
    this.stack.push(
      this.open(head, head.className, { lineIdx: this.lineIdx, callFrom: head.call.from }),
    );
    return this.readRest(line, from);
  }

  /** Reads arguments and closing brackets; returns the root when its own bracket closes. */
  private readRest(line: PrintoutLine, from: number): PrintedModule | null {
    for (let at = from; ;) {
      at = skipBlanks(this.text, at, line.end);
      const top = this.stack.at(-1);
      if (top === undefined || at === line.end) return null;
      const isClosing = this.text.charAt(at) === ')';
      // What follows the children (`init_cfg={…}`, a stray log line) closes nothing unless the bracket comes first.
      if (top.children.length > 0 && !(isClosing && top.depth === 0)) {
        top.depth = depthAfter(this.text, at, line.end, top.depth);
        return null;
      }
      const scan = scanBrackets(this.text, at, line.end, top.depth);
      top.depth = scan.depth;
      const to = scan.closedAt ?? line.end;
      if (to > at && top.children.length === 0) {
        top.extras.push({ from: at, to: trimEnd(this.text, at, to) });
      }
      if (scan.closedAt === null) return null;
      const closed = this.close(line.next, scan.closedAt + 1);
      if (this.stack.length === 0) return closed;
      at = skipBlanks(this.text, scan.closedAt + 1, line.end);
      if (this.text.charAt(at) !== ')') return null;
    }
  }

  private open(
    head: PrintedHead | null,
    className: string,
    place: { readonly lineIdx: number; readonly callFrom: number },
  ): OpenModule {
    return {
      head,
      className,
      ...place,
      label: head?.label ?? { from: place.callFrom, to: place.callFrom },
      extras: [],
      children: [],
      keys: new Set(),
      copies: (this.stack.at(-1)?.copies ?? 1) * (head?.repeat?.count ?? 1),
      depth: 0,
    };
  }

  private close(linesTo: number, callTo = linesTo): PrintedModule {
    const open = this.stack.pop();
    if (open === undefined) return this.fail(this.lineIdx, 'a bracket closes nothing');
    const from = this.lines[open.lineIdx]?.start ?? 0;
    if (open.copies > 1) this.repeatedCharacters += open.copies * (linesTo - from);
    if (this.repeatedCharacters > MAX_REPEATED_CHARACTERS) {
      this.fail(
        open.lineIdx,
        `the repeats amount to more than ${MAX_REPEATED_CHARACTERS} characters`,
      );
    }
    const module: PrintedModule = {
      key: open.head?.key ?? null,
      repeat: open.head?.repeat ?? null,
      className: open.className,
      extras: open.extras,
      children: open.children,
      lines: { from, to: linesTo },
      label: open.label,
      call: { from: open.callFrom, to: callTo },
    };
    this.stack.at(-1)?.children.push(module);
    return module;
  }

  private claimKeys(parent: OpenModule, head: PrintedHead): void {
    if (head.isRepeatBroken) this.fail(this.lineIdx, `(${head.key}) does not span its count`);
    const count = head.repeat?.count ?? 1;
    this.modules += parent.copies * count;
    if (this.modules > MAX_MODULES) {
      this.fail(this.lineIdx, `the repeats amount to more than ${MAX_MODULES} modules`);
    }
    for (let idx = 0; idx < count; idx++) {
      const key = head.repeat === null ? head.key : String(head.repeat.first + idx);
      if (parent.keys.has(key)) this.fail(this.lineIdx, `the name (${key}) comes a second time`);
      parent.keys.add(key);
    }
  }

  private fail(lineIdx: number, what: string): never {
    throw new ModelFormatError(`${this.name}, line ${lineIdx + 1}: ${what}`);
  }
}

function isFragment(module: OpenModule): boolean {
  return module.head === null && module.className === '';
}

function lastName(qualified: string): string {
  return qualified.slice(qualified.lastIndexOf('.') + 1);
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && /\s/.test(text.charAt(at))) at++;
  return at;
}

function trimEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && /\s/.test(text.charAt(end - 1))) end--;
  return end;
}

/** Depth after a piece of text in which brackets that close nothing are ignored. */
function depthAfter(text: string, from: number, to: number, depth: number): number {
  let scan = scanBrackets(text, from, to, depth);
  while (scan.closedAt !== null) scan = scanBrackets(text, scan.closedAt + 1, to, 0);
  return scan.depth;
}
