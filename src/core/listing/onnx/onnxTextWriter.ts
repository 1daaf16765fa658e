import type { GraphNode } from '../../model/network';
import type { LayerPlace } from '../listing';

/** What an editor still opens at ease; the layers of real networks need a tenth of it. */
const MAX_CHARACTERS = 16_000_000;

/** Collects lines and the places of layers in them. */
export class OnnxTextWriter {
  readonly places: LayerPlace[] = [];
  private readonly lines: string[] = [];
  private characters = 0;

  /** Names that places give to nodes that changed theirs. */
  constructor(readonly originalNames: ReadonlyMap<GraphNode, string>) {}

  /** Number of the next line. */
  get line(): number {
    return this.lines.length;
  }

  get isFull(): boolean {
    return this.characters > MAX_CHARACTERS;
  }

  get text(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }

  write(line: string): void {
    this.lines.push(line);
    this.characters += line.length + 1;
  }

  /** Notes a layer whose text starts on the next line; the returned function closes it after its last line. */
  open(place: Omit<LayerPlace, 'line' | 'endLine'>): () => void {
    const idx = this.places.length;
    const { line } = this;
    this.places.push({ ...place, line, endLine: line });
    return () => {
      this.places[idx] = { ...place, line, endLine: Math.max(line, this.line - 1) };
    };
  }
}
