import type { NodeRecord, OnnxRecord, TensorRecord } from '../records';
import type { WireReader } from '../wire/wireReader';
import type { DataFilePlan } from './dataFilePlan';
import type { Definitions } from './definitions';
import type { NodeChange } from './nodeChange';
import type { Removal } from './removal';
import type { Edit } from './splice';

/** One plan in the making: the model as it was, and everything that is to be different. */
export interface WriteContext {
  readonly record: OnnxRecord;
  readonly reader: WireReader;
  readonly definitions: Definitions;
  readonly removal: Removal;
  /** Edits of the model file, in no order. */
  readonly edits: Edit[];
  readonly nodeChanges: Map<NodeRecord, NodeChange>;
  /** By source number. */
  readonly dataFiles: ReadonlyMap<number, DataFilePlan>;
  /** External tensors whose bytes belong to another tensor too. */
  readonly overlapping: ReadonlySet<TensorRecord>;
}
