import { ModelFormatError } from '../../../errors';

/** If in If in If …: real models nest two or three deep; what claims more is made to exhaust a stack. */
export const MAX_SUBGRAPH_DEPTH = 32;

/** Real tensors have up to eight dimensions. */
export const MAX_RANK = 64;

/** Longest name, and longest list attribute, that is looked at. Node names are paths of some hundred characters. */
export const MAX_LIGHT_BYTES = 64 * 1024;

/**
 * Nodes, names, attributes, tensors and declared values together, of the whole file. The largest networks in use have
 * about half a million; each costs around a hundred bytes of memory.
 */
const MAX_ITEMS = 1_000_000;

/** A node with nothing in it holds maps and lists of its own: it costs as much as five names. */
export const NODE_ITEMS = 5;

/** Bytes of structure (everything but tensors' values) that are decoded. */
const MAX_STRUCTURE_BYTES = 96 * 1024 * 1024;

/** Counts what is kept in memory of a file, so that a hostile one is refused before it fills the memory. */
export class Budget {
  private items = 0;
  private structureBytes = 0;

  /** @throws ModelFormatError when the file holds more than is processed. */
  take(items: number, bytes: number, at: number): void {
    this.items += items;
    this.structureBytes += bytes;
    if (this.items > MAX_ITEMS) {
      throw new ModelFormatError(
        `the ONNX file holds more than ${MAX_ITEMS} nodes, names, attributes and tensors`,
        at,
      );
    }
    if (this.structureBytes > MAX_STRUCTURE_BYTES) {
      throw new ModelFormatError(
        `the ONNX file holds more than ${MAX_STRUCTURE_BYTES / 2 ** 20} MiB of structure beside its tensors`,
        at,
      );
    }
  }
}
