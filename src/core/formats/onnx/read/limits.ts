import { ModelFormatError } from '../../../errors';

/** If in If in If …: real models nest two or three deep; what claims more is made to exhaust a stack. */
export const MAX_SUBGRAPH_DEPTH = 32;

/** Real tensors have up to eight dimensions. */
export const MAX_RANK = 64;

/** Inputs and outputs of one node; a concatenation or an If may have some hundred. */
export const MAX_NODE_FIELDS = 65_536;

/** Longest name, and longest list attribute, that is looked at. Node names are paths of some hundred characters. */
export const MAX_LIGHT_BYTES = 64 * 1024;

/** What is kept in memory of each thing, in units of about a hundred bytes, measured. */
export const cost = {
  graph: 24,
  import: 4,
  node: 5,
  tensor: 5,
  value: 4,
  attribute: 2,
  field: 1,
} as const;

/** Elements of a list attribute that cost one unit. */
export const LIST_ELEMENTS_PER_UNIT = 8;

/** About 100 MB in practice: a network of a hundred thousand nodes. The largest in use have half as many. */
const MAX_UNITS = 1_500_000;

/** Bytes of structure (everything but tensors' values) that are decoded. */
const MAX_STRUCTURE_BYTES = 96 * 1024 * 1024;

/** Counts what is kept in memory of a file, so that a hostile one is refused before it fills the memory. */
export class Budget {
  private units = 0;
  private structureBytes = 0;

  /** @throws ModelFormatError when the file holds more things than are processed. */
  take(units: number, at: number): void {
    this.units += units;
    if (this.units > MAX_UNITS) {
      throw new ModelFormatError(
        'the ONNX file holds more nodes, names, attributes and tensors than a network can have',
        at,
      );
    }
  }

  /** @throws ModelFormatError when more bytes are to be decoded than a network's structure has. */
  decode(bytes: number, at: number): void {
    this.structureBytes += bytes;
    if (this.structureBytes > MAX_STRUCTURE_BYTES) {
      throw new ModelFormatError(
        `the ONNX file holds more than ${MAX_STRUCTURE_BYTES / 2 ** 20} MiB of structure beside its tensors`,
        at,
      );
    }
  }
}
