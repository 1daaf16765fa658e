import type { Module, ModuleNetwork } from '../../model/network';
import type { StatisticsFinding } from '../../model/pair';
import type {
  ConnectionBasis,
  SurroundingConnection,
  SurroundingRole,
  Surroundings,
} from '../../model/surroundings';
import { activationText, singleInputText } from '../../wording/findingText';
import { moduleKind, type ModuleKind } from '../modules/moduleKind';
import { withRows, type UnplacedLayer } from './drawing';
import type { SurroundedPair } from './surroundedPair';

/** Layers fed by the BatchNorm that are shown; the others are counted. */
const MAX_FED = 3;

/**
 * The layers around a pair whose data flow is not in the file: neighbours in a Sequential, what the statistics found to
 * feed what, and where neither speaks the layers registered before and after.
 */
export function moduleSurroundings(
  network: ModuleNetwork,
  pair: SurroundedPair,
  fed: readonly SurroundedPair[],
): Surroundings {
  const around = new Neighbourhood(network, pair);
  const drawing = new Drawing();
  const conv = drawing.add('conv', pair.conv);
  const way = addBetween(drawing, conv, pair);
  const bn = drawing.add('bn', pair.bn);
  drawing.connect(way, bn, way === conv ? around.pairBasis : 'statistics');
  addBefore(drawing, conv, pair, around);
  addAfter(drawing, bn, fed, around);
  return withRows(drawing.layers, drawing.connections);
}

interface NamedLayer {
  readonly name: string;
  readonly type: string;
}

/** Layers and connections as they are found. */
class Drawing {
  readonly layers: UnplacedLayer[] = [];
  readonly connections: SurroundingConnection[] = [];

  add(
    role: SurroundingRole,
    { name, type }: NamedLayer,
    kind: UnplacedLayer['kind'] = 'layer',
    moreReaders = 0,
  ): number {
    this.layers.push({ role, kind, name, type, moreInputs: 0, moreReaders });
    return this.layers.length - 1;
  }

  connect(from: number, to: number, basis: ConnectionBasis): void {
    this.connections.push({ from, to, basis });
  }
}

/** What is suspected between the two, as the reasons word it. Gives the layer the BatchNorm hangs on. */
function addBetween(drawing: Drawing, conv: number, { reasons }: SurroundedPair): number {
  const suspects = reasons.filter(
    ({ code }) => code === 'ACTIVATION_BETWEEN' || code === 'OPERATOR_BETWEEN',
  );
  return suspects.reduce((above, { args }) => {
    const below = drawing.add('between', { name: args?.[0] ?? '', type: '' }, 'words');
    drawing.connect(above, below, 'statistics');
    return below;
  }, conv);
}

function addBefore(
  drawing: Drawing,
  conv: number,
  { statistics }: SurroundedPair,
  around: Neighbourhood,
): void {
  const step = around.beforeConv('sequence');
  const stands = step === null ? null : drawing.add('before', step);
  if (stands !== null) drawing.connect(stands, conv, 'sequence');
  // Numbers tell of the layer with weights further up; a step of another kind is the layer itself.
  if (step !== null && step.kind !== 'activation') return;
  const found = statistics === null ? null : foundInput(statistics, around);
  if (found !== null) {
    const { source, activation } = found;
    const from = drawing.add('before', source, source.kind);
    const isDrawn = activation === null || stands !== null;
    const through = isDrawn ? from : drawing.add('before', activation, 'words');
    if (through !== from) drawing.connect(from, through, 'statistics');
    drawing.connect(through, stands ?? conv, 'statistics');
  } else if (stands === null) {
    const neighbour = around.beforeConv('order');
    if (neighbour !== null) drawing.connect(drawing.add('before', neighbour), conv, 'order');
  }
}

/** The layer that the statistics found in front, and the activation behind it. */
function foundInput(
  finding: StatisticsFinding,
  around: Neighbourhood,
): {
  readonly source: NamedLayer & { readonly kind: 'layer' | 'words' };
  readonly activation: NamedLayer | null;
} | null {
  const { from, fedBy } = finding;
  if (isComposite(finding)) {
    return { source: { name: fedBy ?? '', type: '', kind: 'words' }, activation: null };
  }
  if (from === null) return null;
  const activation = activationText(finding);
  return {
    source: { ...around.layer(from), kind: 'layer' },
    activation: activation === null ? null : { name: activation, type: '' },
  };
}

/** Whether more than one layer's output comes in. */
function isComposite(finding: StatisticsFinding): boolean {
  return finding.fedBy !== undefined && finding.fedBy !== singleInputText(finding);
}

function addAfter(
  drawing: Drawing,
  bn: number,
  fed: readonly SurroundedPair[],
  around: Neighbourhood,
): void {
  const step = around.afterBn('sequence');
  const stands = step === null ? null : drawing.add('after', step);
  if (stands !== null) drawing.connect(bn, stands, 'sequence');
  if (step !== null && step.kind !== 'activation') return;
  const activations = new Map<string, number>();
  for (const { conv, statistics } of fed.slice(0, MAX_FED)) {
    const to = drawing.add('after', conv);
    const isSingle = statistics !== null && !isComposite(statistics);
    const name = isSingle ? activationText(statistics) : null;
    let from = stands ?? bn;
    if (stands === null && name !== null) {
      const known = activations.get(name);
      from = known ?? drawing.add('after', { name, type: '' }, 'words');
      if (known === undefined) drawing.connect(bn, from, 'statistics');
      activations.set(name, from);
    }
    drawing.connect(from, to, 'statistics');
  }
  const more = Math.max(fed.length - MAX_FED, 0);
  const source = drawing.layers[bn];
  if (more > 0 && source !== undefined) drawing.layers[bn] = { ...source, moreReaders: more };
  if (stands !== null || fed.length > 0) return;
  const neighbour = around.afterBn('order');
  if (neighbour !== null) drawing.connect(bn, drawing.add('after', neighbour), 'order');
}

interface KnownLayer extends NamedLayer {
  readonly kind: ModuleKind;
}

/** The modules of the pair's own state_dict, and who stands next to whom. */
class Neighbourhood {
  private readonly modules: readonly Module[];
  private readonly classByPath: ReadonlyMap<string, string | null>;

  constructor(
    private readonly network: ModuleNetwork,
    private readonly pair: SurroundedPair,
  ) {
    const dict = network.modules.find(({ path }) => path === pair.conv.name)?.dict ?? '';
    this.modules = network.modules.filter((module) => module.dict === dict);
    this.classByPath = new Map(this.modules.map(({ path, className }) => [path, className]));
  }

  get pairBasis(): ConnectionBasis {
    const isNext = this.beside(this.pair.conv.name, 1)?.path === this.pair.bn.name;
    if (isNext) return 'sequence';
    return this.pair.statistics?.says === 'confirms' ? 'statistics' : 'names';
  }

  beforeConv(basis: 'sequence' | 'order'): KnownLayer | null {
    const { name } = this.pair.conv;
    const found = basis === 'sequence' ? this.beside(name, -1) : this.registered(name, -1);
    return found === undefined ? null : knownLayer(found);
  }

  afterBn(basis: 'sequence' | 'order'): KnownLayer | null {
    const { name } = this.pair.bn;
    const found = basis === 'sequence' ? this.beside(name, 1) : this.registered(name, 1);
    return found === undefined ? null : knownLayer(found);
  }

  layer(path: string): NamedLayer {
    const module = this.modules.find((candidate) => candidate.path === path);
    return module === undefined ? { name: path, type: '' } : knownLayer(module);
  }

  /** The next module of the same Sequential, which is the next step; undefined elsewhere. */
  private beside(path: string, step: 1 | -1): Module | undefined {
    const parent = parentOf(path);
    if (parent === null || !isSequential(this.classByPath.get(parent) ?? null)) return undefined;
    const siblings = this.modules.filter((module) => parentOf(module.path) === parent);
    return neighbourOf(siblings, path, step);
  }

  /** The next layer in the order of registration, where the file keeps one. */
  private registered(path: string, step: 1 | -1): Module | undefined {
    if (!this.network.isOrdered) return undefined;
    const own = `${this.pair.conv.name}.`;
    const layers = this.modules.filter(
      (module) => moduleKind(module) !== 'container' && !module.path.startsWith(own),
    );
    return neighbourOf(layers, path, step);
  }
}

function neighbourOf(modules: readonly Module[], path: string, step: 1 | -1): Module | undefined {
  const at = modules.findIndex((module) => module.path === path);
  return at === -1 ? undefined : modules[at + step];
}

function knownLayer(module: Module): KnownLayer {
  const kind = moduleKind(module);
  return { name: module.path, type: module.className ?? typeWords[kind], kind };
}

/** What a module without a class is called. */
const typeWords: Readonly<Record<ModuleKind, string>> = {
  conv: 'Conv',
  linear: 'Linear',
  norm: 'BatchNorm',
  activation: '',
  passive: '',
  operator: '',
  parameters: '',
  container: '',
};

function parentOf(path: string): string | null {
  if (path === '') return null;
  const at = path.lastIndexOf('.');
  return at === -1 ? '' : path.slice(0, at);
}

function isSequential(className: string | null): boolean {
  return className?.endsWith('Sequential') ?? false;
}
