import type { ByteSource } from '../../../bytes/byteSource';
import type { OutputFile, Piece } from '../../../bytes/outputPlan';
import { bytesPiece, totalLength } from './protoPieces';
import { joinCopies } from './splice';

/** ONNX asks for page-aligned offsets, so that a runtime can map tensors into memory. */
const PAGE_BYTES = 4096;

/** One data file of external tensors: the original with patches, and what is appended behind it. */
export class DataFilePlan {
  private readonly patches: { readonly offset: number; readonly piece: Piece }[] = [];
  private readonly appended: Piece[] = [];
  private size: number;

  constructor(
    readonly name: string,
    private readonly source: number,
    private readonly original: ByteSource,
  ) {
    this.size = original.sizeBytes;
  }

  get hasAppended(): boolean {
    return this.appended.length > 0;
  }

  /** Puts `piece` in the place of as many bytes of the original. Patches do not overlap. */
  patch(offset: number, piece: Piece): void {
    this.patches.push({ offset, piece });
  }

  /** Adds `piece` behind everything else; gives its offset, which is on a page. */
  append(piece: Piece): number {
    const padding = (PAGE_BYTES - (this.size % PAGE_BYTES)) % PAGE_BYTES;
    this.appended.push(bytesPiece(new Uint8Array(padding)), piece);
    const offset = this.size + padding;
    this.size = offset + totalLength([piece]);
    return offset;
  }

  get isChanged(): boolean {
    return this.hasAppended || this.patches.length > 0;
  }

  outputFile(): OutputFile {
    const { source } = this;
    const pieces: Piece[] = [];
    let at = 0;
    for (const { offset, piece } of this.patches.toSorted((a, b) => a.offset - b.offset)) {
      pieces.push({ kind: 'copy', source, offset: at, length: offset - at }, piece);
      at = offset + totalLength([piece]);
    }
    pieces.push({ kind: 'copy', source, offset: at, length: this.original.sizeBytes - at });
    return { name: this.name, pieces: joinCopies([...pieces, ...this.appended]), checksums: [] };
  }
}
