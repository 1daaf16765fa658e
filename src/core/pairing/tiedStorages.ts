import type { Tensor } from '../model/tensor';

/** Finds out which tensors of a file lie in the same bytes as others. */
export interface TiedStorages {
  /** Names of other tensors whose bytes overlap this one's, in order of their place. */
  readonly sharersOf: (tensor: Tensor) => readonly string[];
}

interface Extent {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Enough names to say what is shared; a storage that thousands of views share is told by the first ones. */
const MAX_SHARERS = 100;

/** Indexes the extents of all tensors of a file by their place. */
export function tiedStorages(tensors: Iterable<Tensor>): TiedStorages {
  const extentsBySource = new Map<number, Extent[]>();
  for (const { name, location } of tensors) {
    if (location.kind !== 'range' || location.length === 0) continue;
    const extents = extentsBySource.get(location.source) ?? [];
    extents.push({ name, from: location.offset, to: location.offset + location.length });
    extentsBySource.set(location.source, extents);
  }
  const sharers = new Map<string, string[]>();
  for (const extents of extentsBySource.values()) collectSharers(extents, sharers);
  return { sharersOf: ({ name }) => sharers.get(name) ?? [] };
}

/** Sweeps over the extents by place; those still open where one begins overlap it. */
function collectSharers(extents: Extent[], into: Map<string, string[]>): void {
  extents.sort((a, b) => a.from - b.from);
  let open: Extent[] = [];
  for (const extent of extents) {
    open = open.filter(({ to }) => to > extent.from).slice(-MAX_SHARERS);
    for (const other of open) {
      if (other.name === extent.name) continue;
      addSharer(into, extent.name, other.name);
      addSharer(into, other.name, extent.name);
    }
    open.push(extent);
  }
}

function addSharer(into: Map<string, string[]>, name: string, sharer: string): void {
  const known = into.get(name);
  if (known === undefined) into.set(name, [sharer]);
  else if (known.length < MAX_SHARERS) known.push(sharer);
}
