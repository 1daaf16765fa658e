/** Where a layer stands, seen from the pair; `beside` touches the pair's way without lying on it. */
export type SurroundingRole = 'before' | 'conv' | 'between' | 'bn' | 'after' | 'beside';

/**
 * How it is known that one layer feeds another, surest first: data flow in the file, a Sequential's order, the running
 * statistics, the names of convolution and BatchNorm, or nothing but the order of registration.
 */
export type ConnectionBasis = 'graph' | 'sequence' | 'statistics' | 'names' | 'order';

/** One layer near a pair. */
export interface SurroundingLayer {
  readonly role: SurroundingRole;
  /** `input` and `output` are those of the network; `words` tell of layers that have no single name. */
  readonly kind: 'layer' | 'input' | 'output' | 'words';
  readonly name: string;
  /** The model world's own word (`Relu`, `BatchNorm2d`); '' where the file does not say. */
  readonly type: string;
  /** From top to bottom, from 0: every layer stands below all that feed it. */
  readonly row: number;
  /** Further layers that feed this one, or read it, and are left out. */
  readonly moreInputs: number;
  readonly moreReaders: number;
}

/** The first layer feeds the second; both are positions in `Surroundings.layers`. */
export interface SurroundingConnection {
  readonly from: number;
  readonly to: number;
  readonly basis: ConnectionBasis;
}

/** The layers around a pair: what feeds it, what stands between, what follows. */
export interface Surroundings {
  readonly layers: readonly SurroundingLayer[];
  readonly connections: readonly SurroundingConnection[];
}
