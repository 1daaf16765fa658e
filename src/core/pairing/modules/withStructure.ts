import type { Module, ModuleNetwork } from '../../model/network';
import type { Problem } from '../../model/pair';
import { moduleKind } from './moduleKind';

/** A network that a listing has told classes, attributes and order. */
export interface Structured {
  readonly network: ModuleNetwork;
  readonly problems: readonly Problem[];
}

/**
 * Joins a checkpoint's modules with a listing of the same network. The listing may be of a part of it, or of the
 * model inside a wrapper: the place where most of its layers meet modules of the same path is taken. Modules of the
 * listing that hold no tensors (activations, containers) come in; what it shows otherwise than the file is not used.
 */
export function withStructure(network: ModuleNetwork, structure: ModuleNetwork | null): Structured {
  if (structure === null) return { network, problems: [] };
  const byPath = new Map(network.modules.map((module) => [module.path, module]));
  const layers = structure.modules.filter((module) => isLayer(module));
  const prefix = bestPrefix(layers, network.modules, byPath);
  if (prefix === null) {
    const message = 'The structure listing shows no layer of this file, so it is not used.';
    return { network, problems: [{ severity: 'warning', message }] };
  }
  const problems: Problem[] = [];
  const listed = new Set<string>();
  const joined: Module[] = [];
  for (const shown of structure.modules) {
    const path = join(prefix, shown.path);
    const own = byPath.get(path);
    if (listed.has(path)) continue;
    listed.add(path);
    if (own === undefined) {
      // A layer with tensors that the file lacks is a folded or another one; without tensors it is just silent.
      if (!isLayer(shown)) {
        joined.push({ ...shown, dict: dictAt(prefix, network), path, tensors: new Map() });
      }
    } else if (contradicts(own, shown)) {
      joined.push(own);
      const message = `The structure listing shows ${path} with other shapes than the file has; it is not used there.`;
      problems.push({ severity: 'warning', message, layer: path });
    } else {
      joined.push(told(own, shown));
    }
  }
  const rest = network.modules.filter(({ path }) => !listed.has(path));
  const isWhole = rest.every((module) => !isLayer(module));
  return {
    network: {
      ...network,
      evidence: 'modules',
      modules:
        isWhole || network.isOrdered
          ? interleave(network.modules, joined, listed)
          : [...rest, ...joined],
      isOrdered: network.isOrdered || (isWhole && structure.isOrdered),
    },
    problems,
  };
}

function told(own: Module, shown: Module): Module {
  const attributes = new Map([...(shown.attributes ?? []), ...(own.attributes ?? [])]);
  return {
    ...own,
    className: own.className ?? shown.className,
    classModule: own.classModule ?? shown.classModule,
    attributes,
  };
}

/** Keeps the modules outside the listing where they stood: those before its first module stay before it. */
function interleave(
  own: readonly Module[],
  joined: readonly Module[],
  listed: ReadonlySet<string>,
): Module[] {
  const first = own.findIndex(({ path }) => listed.has(path));
  const before = own.slice(0, first).filter(({ path }) => !listed.has(path));
  const after = own.slice(first).filter(({ path }) => !listed.has(path));
  return [...before, ...joined, ...after];
}

function isLayer(module: Module): boolean {
  const kind = moduleKind(module);
  return kind === 'conv' || kind === 'norm' || kind === 'linear';
}

/** Whether both know the shape of a tensor and disagree. */
function contradicts(own: Module, shown: Module): boolean {
  const name = own.tensors.has('running_mean') ? 'running_mean' : 'weight';
  const ours = own.tensors.get(name)?.shape;
  const theirs = shown.tensors.get(name)?.shape;
  if (ours === undefined || theirs === undefined || theirs.length === 0) return false;
  // spconv 1 and 2 keep the same weight in different layouts, so only what it holds must agree.
  const [a, b] = [ours, theirs].map((shape) => shape.toSorted((x, y) => x - y).join());
  return a !== b;
}

/** The prefix under which most layers of the listing are modules of the file; null when none is. */
function bestPrefix(
  layers: readonly Module[],
  modules: readonly Module[],
  byPath: ReadonlyMap<string, Module>,
): string | null {
  const candidates = new Set(['']);
  for (const { path } of layers.slice(0, MAX_PROBES)) {
    for (const module of modules) {
      if (module.path.endsWith(`.${path}`)) {
        if (candidates.size >= MAX_CANDIDATES) break;
        candidates.add(module.path.slice(0, module.path.length - path.length - 1));
      }
    }
  }
  let best: { readonly prefix: string; readonly hits: number } | null = null;
  for (const prefix of candidates) {
    const hits = layers.filter(({ path }) => byPath.has(join(prefix, path))).length;
    if (hits > (best?.hits ?? 0)) best = { prefix, hits };
  }
  return best?.prefix ?? null;
}

/** A few layers are enough to find where a listing belongs. */
const MAX_PROBES = 8;
/** Places where a small listing would fit; a network of more equal parts is told by the first ones. */
const MAX_CANDIDATES = 64;

function join(prefix: string, path: string): string {
  if (prefix === '') return path;
  return path === '' ? prefix : `${prefix}.${path}`;
}

function dictAt(prefix: string, network: ModuleNetwork): string {
  return network.modules.find(({ path }) => path.startsWith(prefix))?.dict ?? '';
}
