import type { ByteSource } from '../../bytes/byteSource';
import type { OutputFile } from '../../bytes/outputPlan';
import type { PickleDocument } from '../pickle/readPickle';
import type { StateEdits } from './planStateEdits';
import type { StorageTable } from './storageTable';
import type { StorageDialect } from './torchBytes';

/** A file that holds one pickle and the storages it refers to. */
export interface TorchContainer {
  readonly source: ByteSource;
  readonly document: PickleDocument;
  readonly storages: StorageTable;
  /** Keys of all storages, those of tensors that nobody here understands included. */
  readonly storageKeys: Iterable<string>;
  readonly dialect: StorageDialect;
  /** Lays out the edited file. */
  write(edits: StateEdits, outputName: string): OutputFile;
}
