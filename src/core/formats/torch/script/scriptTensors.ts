import { itemsOf, type PickleEntry, type PickleValue } from '../../pickle/pickleValue';
import { joinPath } from '../../stateDict/joinPath';
import { placeTensor } from '../storageTable';
import type { TensorSlot } from '../torchNetwork';
import { tensorOf } from '../torchTensor';
import type { ZipContainer } from '../zipContainer';
import { listItems, type ScriptModule } from './scriptModules';

/** Lists of tensors are short; one beyond this holds no parameters. */
const MAX_LIST = 4096;

/** A tensor and the part of the archive that holds it. */
export interface ScriptSlot {
  readonly slot: TensorSlot;
  readonly container: ZipContainer;
}

/** Every tensor of an archive by the name that the graph uses: its path, or `CONSTANTS.c0`. */
export function scriptTensors(
  modules: readonly ScriptModule[],
  data: ZipContainer,
  constants: ZipContainer,
): ReadonlyMap<string, ScriptSlot> {
  const slots = new Map<string, ScriptSlot>();
  const seen = new Set<unknown>();
  const add = (name: string, value: PickleValue, container: ZipContainer): void => {
    const view = tensorOf(value);
    if (view === null || slots.has(name)) return;
    const tensor = placeTensor(name, view, container.storages);
    slots.set(name, { slot: { tensor, view, entry: entryFor(name, value) }, container });
  };
  for (const { path, object, entries } of modules) {
    // A module that is registered twice keeps its first name.
    if (seen.has(object)) continue;
    seen.add(object);
    for (const { key, value } of entries) {
      if (typeof key !== 'string') continue;
      const name = joinPath(path, key);
      add(name, value, data);
      listItems(value)
        ?.slice(0, MAX_LIST)
        .forEach((item, idx) => {
          add(`${name}.${idx}`, item, data);
        });
    }
  }
  itemsOf(constants.document.root)?.forEach((value, idx) => {
    add(`CONSTANTS.c${idx}`, value, constants);
  });
  return slots;
}

/** The pickle of a program is never edited, so where the entry stands does not matter. */
function entryFor(key: string, value: PickleValue): PickleEntry {
  return { key, value, first: 0, valueFirst: 0, end: 0, isSingle: false, pair: null };
}
