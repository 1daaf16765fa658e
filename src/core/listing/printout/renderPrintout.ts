import type { LayerPlace } from '../listing';
import { childPath, keysOf, type PrintedModule, type Printout, type TextRange } from './printout';

/** What happens to one printed module. `arguments` are replacements in its own text, in order. */
export type ModuleEdit =
  | { readonly kind: 'keep'; readonly arguments: readonly Replacement[] }
  | { readonly kind: 'replace'; readonly className: string; readonly call: string }
  | { readonly kind: 'drop' };

export interface Replacement extends TextRange {
  readonly text: string;
}

/** Decides on edits while a printout is rendered. `path` is the module's own in the original. */
export interface PrintoutEditor {
  edit(module: PrintedModule, path: string, parent: PrintedModule | null): ModuleEdit;
  /** Whether the children are numbered anew when one of them is dropped. */
  renumbers(parent: PrintedModule): boolean;
}

/** Leaves everything as it is. */
export const unedited: PrintoutEditor = {
  edit: () => ({ kind: 'keep', arguments: [] }),
  renumbers: () => false,
};

export interface RenderedText {
  readonly text: string;
  /** Places keep the paths of the original, so that a layer is found in both listings. */
  readonly places: readonly LayerPlace[];
}

/** Applies edits to a printout's own text; everything they do not touch stays as it was, byte for byte. */
export function renderPrintout(printout: Printout, editor: PrintoutEditor): RenderedText {
  const renderer = new Renderer(printout.text, editor);
  const splices = printout.roots.map((root, idx) => ({
    ...root.lines,
    rendered: renderer.root(root, printout.rootPaths[idx] ?? ''),
  }));
  const { text, places } = renderer.splice({ from: 0, to: printout.text.length }, splices);
  return { text, places: places.toSorted((a, b) => a.line - b.line) };
}

/** Length of the key in `(key): ` and `(0-3): 4 x `. */
function keyLength(label: string): number {
  return Math.max(0, label.lastIndexOf('):') - 1);
}

/** Text of some whole lines (or a part of one), with places counted from its first line. */
interface Rendered extends RenderedText {
  readonly lineBreaks: number;
}

interface Splice extends TextRange {
  readonly rendered: Rendered;
}

class Renderer {
  constructor(
    private readonly text: string,
    private readonly editor: PrintoutEditor,
  ) {}

  root(root: PrintedModule, path: string): Rendered {
    return this.module(root, { path: childPath(path, root.key), parent: null, parentPath: null });
  }

  /** Copies the range, with `splices` (in order, not overlapping) in the place of what they cover. */
  splice(range: TextRange, splices: readonly Splice[]): Rendered {
    const parts: Rendered[] = [];
    let at = range.from;
    for (const { from, to, rendered } of splices) {
      parts.push(plainText(this.text.slice(at, from)), rendered);
      at = to;
    }
    parts.push(plainText(this.text.slice(at, range.to)));
    return joined(parts);
  }

  private module(module: PrintedModule, context: ModuleContext): Rendered {
    const edit = this.editor.edit(module, context.path, context.parent);
    if (edit.kind === 'drop') return plainText('');
    const splices: readonly Splice[] =
      edit.kind === 'replace'
        ? [{ ...module.call, rendered: plainText(edit.call) }]
        : [
            ...edit.arguments.map(({ from, to, text }) => ({
              from,
              to,
              rendered: plainText(text),
            })),
            ...this.children(module, context.path),
          ];
    const rendered = this.splice(module.lines, splices);
    if (module.className === '') return rendered;
    const type = edit.kind === 'replace' ? edit.className : module.className;
    const label = this.text.slice(module.label.from, module.label.to);
    const own = placeOf(module, type, context, rendered, label);
    return { ...rendered, places: [own, ...rendered.places] };
  }

  private children(parent: PrintedModule, path: string): Splice[] {
    const renumbers = this.editor.renumbers(parent);
    const parentPath = parent.className === '' ? null : path;
    let dropped = 0;
    return parent.children.map((child, idx) => {
      const copies = keysOf(child).map((key) =>
        this.module(child, { path: childPath(path, key), parent, parentPath }),
      );
      if (child.repeat !== null) {
        return { ...child.lines, rendered: joined(this.runsOf(child, child.repeat.first, copies)) };
      }
      const [rendered = plainText('')] = copies;
      if (rendered.text === '') dropped++;
      else if (renumbers && dropped > 0) {
        return {
          ...child.lines,
          rendered: this.relabelled(child, rendered, `(${idx - dropped}): `),
        };
      }
      return { ...child.lines, rendered };
    });
  }

  /** A repeat that edits make differ falls apart into the runs that PyTorch would print. */
  private runsOf(module: PrintedModule, first: number, copies: readonly Rendered[]): Rendered[] {
    const runs: Rendered[] = [];
    for (let start = 0, end = 0; start < copies.length; start = end) {
      const [head = plainText('')] = copies.slice(start);
      while (end < copies.length && copies[end]?.text === head.text) end++;
      const members = copies.slice(start, end);
      const from = first + start;
      const label =
        members.length === 1 ? `(${from}): ` : `(${from}-${first + end - 1}): ${members.length} x `;
      const shown =
        members.length === copies.length
          ? members
          : members.map((member) => this.relabelled(module, member, label));
      const text = shown[0] ?? head;
      runs.push({ ...text, places: shown.flatMap(({ places }) => places) });
    }
    return runs;
  }

  /** Puts `label` in the place of the printed one. */
  private relabelled(module: PrintedModule, rendered: Rendered, label: string): Rendered {
    const from = module.label.from - module.lines.from;
    const to = module.label.to - module.lines.from;
    const [own, ...inner] = rendered.places;
    return {
      text: rendered.text.slice(0, from) + label + rendered.text.slice(to),
      places: own === undefined ? [] : [{ ...own, length: keyLength(label) }, ...inner],
      lineBreaks: rendered.lineBreaks,
    };
  }
}

interface ModuleContext {
  readonly path: string;
  readonly parent: PrintedModule | null;
  /** Path of the enclosing block; null when there is none that is printed. */
  readonly parentPath: string | null;
}

function placeOf(
  module: PrintedModule,
  type: string,
  { path, parentPath }: ModuleContext,
  { text, lineBreaks }: Rendered,
  printedLabel: string,
): LayerPlace {
  const { key, label, call, lines } = module;
  return {
    name: path,
    type,
    line: 0,
    column: key === null ? call.from - lines.from : label.from - lines.from + 1,
    length: key === null ? type.length : keyLength(printedLabel),
    endLine: Math.max(0, text.endsWith('\n') ? lineBreaks - 1 : lineBreaks),
    parent: parentPath,
  };
}

function joined(parts: readonly Rendered[]): Rendered {
  const places: LayerPlace[] = [];
  let lineBreaks = 0;
  for (const part of parts) {
    for (const place of part.places) places.push(moved(place, lineBreaks));
    lineBreaks += part.lineBreaks;
  }
  return { text: parts.map(({ text }) => text).join(''), places, lineBreaks };
}

function plainText(text: string): Rendered {
  return { text, places: [], lineBreaks: countLineBreaks(text) };
}

function moved(place: LayerPlace, lines: number): LayerPlace {
  return lines === 0
    ? place
    : { ...place, line: place.line + lines, endLine: place.endLine + lines };
}

function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
