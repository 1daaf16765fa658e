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

/** Pairs in the tree of the model's modules; a module with only one child is shown in one line with it. */
export function groupByModule(pairs: readonly PairReport[]): readonly (PairGroup | LabelledPair)[] {
  const root: ModuleTree = { modules: new Map(), pairs: [] };
  for (const pair of pairs) {
    const segments = splitName(pairLabel(pair));
    const label = segments.pop() ?? pair.id;
    let tree = root;
    for (const segment of segments) {
      const child = tree.modules.get(segment) ?? { modules: new Map(), pairs: [] };
      tree.modules.set(segment, child);
      tree = child;
    }
    tree.pairs.push({ label, pair });
  }
  return children(root, '');
}

function pairLabel({ id, conv }: PairReport): string {
  return layerLabel(id, conv.type);
}

interface ModuleTree {
  readonly modules: Map<string, ModuleTree>;
  readonly pairs: LabelledPair[];
}

function children(tree: ModuleTree, path: string): (PairGroup | LabelledPair)[] {
  const groups = [...tree.modules].map(([name, module]) => group(name, module, path));
  return [...groups, ...tree.pairs];
}

function group(name: string, module: ModuleTree, parentPath: string): PairGroup | LabelledPair {
  const id = `${parentPath}/${name}`;
  const inside = children(module, id);
  const [only] = inside;
  if (inside.length !== 1 || only === undefined) return { id, label: name, children: inside };
  return { ...only, label: `${name}${separatorOf(only)}${only.label}` };
}

function separatorOf(child: PairGroup | LabelledPair): string {
  return 'pair' in child && child.pair.id.includes('/') ? '/' : '.';
}

/** `layer1.0.conv1` and `/layer1/conv1/Conv` in parts; exporters that write slashes keep dots inside the parts. */
function splitName(name: string): string[] {
  return name.split(name.includes('/') ? '/' : '.').filter((segment) => segment !== '');
}
