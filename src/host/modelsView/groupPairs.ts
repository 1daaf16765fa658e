import { layerLabel } from '../../core/wording/layerLabel';
import type { PairReport } from '../../protocol/reports';

/** How the view groups a model's pairs. */
export type Grouping = 'verdict' | 'module';

/** A group of pairs; groups may hold groups. `label` is what is left of the name inside the parent. */
export interface PairGroup {
  /** Stable within the model: a verdict or a module path. */
  readonly id: string;
  readonly label: string;
  readonly children: readonly (PairGroup | LabelledPair)[];
}

export interface LabelledPair {
  readonly label: string;
  readonly pair: PairReport;
}

/** Pairs by verdict, in the order fusable, skipped, blocked; a verdict without pairs has no group. */
export function groupByVerdict(pairs: readonly PairReport[]): readonly PairGroup[] {
  const verdicts: readonly PairReport['verdict'][] = ['fusable', 'skipped', 'blocked'];
  return verdicts
    .map((verdict) => ({
      id: verdict,
      label: verdict,
      children: pairs
        .filter((pair) => pair.verdict === verdict)
        .map((pair) => ({ label: pairLabel(pair), pair })),
    }))
    .filter(({ children }) => children.length > 0);
}

/** Pairs in the tree of the model's modules, in file order; a module with only one child shares its line. */
export function groupByModule(pairs: readonly PairReport[]): readonly (PairGroup | LabelledPair)[] {
  const root = new ModuleTree('', '');
  for (const pair of pairs) {
    const segments = splitName(pairLabel(pair));
    const label = segments.pop() ?? pair.id;
    const module = segments.reduce((tree, segment) => tree.child(segment), root);
    module.entries.push({ label, pair });
  }
  return root.entries.map(groupOf);
}

/** A module on the way from names to groups. */
class ModuleTree {
  /** Modules and pairs in the order they first appear. */
  readonly entries: (ModuleTree | LabelledPair)[] = [];
  private readonly modules = new Map<string, ModuleTree>();

  constructor(
    readonly id: string,
    readonly name: string,
  ) {}

  child(name: string): ModuleTree {
    const known = this.modules.get(name);
    if (known !== undefined) return known;
    const module = new ModuleTree(`${this.id}/${name}`, name);
    this.modules.set(name, module);
    this.entries.push(module);
    return module;
  }
}

function groupOf(entry: ModuleTree | LabelledPair): PairGroup | LabelledPair {
  if (!(entry instanceof ModuleTree)) return entry;
  const children = entry.entries.map(groupOf);
  const [only, ...more] = children;
  if (only === undefined || more.length > 0) return { id: entry.id, label: entry.name, children };
  return { ...only, label: `${entry.name}${separatorOf(only)}${only.label}` };
}

function separatorOf(item: PairGroup | LabelledPair): string {
  const [first] = 'pair' in item ? [item] : item.children;
  if (first === undefined) return '.';
  return 'pair' in first ? separatorIn(pairLabel(first.pair)) : separatorOf(first);
}

function pairLabel({ id, conv }: PairReport): string {
  return layerLabel(id, conv.type);
}

/** `layer1.0.conv1` and `layer1/conv1` in parts; exporters that write slashes keep dots inside the parts. */
function splitName(name: string): string[] {
  return name.split(separatorIn(name)).filter((segment) => segment !== '');
}

function separatorIn(name: string): string {
  return name.includes('/') ? '/' : '.';
}
