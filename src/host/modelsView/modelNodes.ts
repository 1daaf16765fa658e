import type { InspectReport, PairReport } from '../../protocol/reports';
import type { OpenModel } from '../openModels';
import {
  groupByModule,
  groupByVerdict,
  type Grouping,
  type LabelledPair,
  type PairGroup,
} from './groupPairs';

/** Everything the view shows. Nodes know their parents, so that the view can reveal them. */
export type ModelNode = RootNode | GroupNode | PairNode | UnpairedNode;

/** Stays the same object while its model is open, so that VS Code knows what to draw anew. */
export interface RootNode {
  readonly kind: 'model';
  readonly parent: null;
  model: OpenModel;
  children: ModelNode[];
}

export interface GroupNode {
  readonly kind: 'group';
  readonly model: OpenModel;
  readonly parent: ModelNode;
  readonly id: string;
  readonly label: string;
  readonly children: ModelNode[];
}

export interface PairNode {
  readonly kind: 'pair';
  readonly model: OpenModel;
  readonly parent: ModelNode;
  readonly label: string;
  readonly pair: PairReport;
  /** Whether the user may take the pair into a fuse. */
  readonly isChoosable: boolean;
}

export interface UnpairedNode {
  readonly kind: 'unpaired';
  readonly model: OpenModel;
  readonly parent: ModelNode;
  readonly unpaired: InspectReport['unpaired'][number];
}

/** Id of the group of BatchNorms that no convolution feeds. */
export const UNPAIRED_GROUP = 'unpaired';

/** The node of a model with nothing below it yet. */
export function rootNode(model: OpenModel): RootNode {
  return { kind: 'model', parent: null, model, children: [] };
}

/** Rebuilds what is below a model's node, as far as the model has been read. */
export function fillRoot(root: RootNode, model: OpenModel, grouping: Grouping): void {
  root.model = model;
  root.children = [];
  if (model.state.kind !== 'ready') return;
  const { pairs, unpaired } = model.state.report;
  const locked = new Set(model.state.locked);
  const grouped = grouping === 'verdict' ? groupByVerdict(pairs) : groupByModule(pairs);
  root.children.push(...grouped.map((item) => pairNode(item, root, locked)));
  if (unpaired.length > 0) {
    const group = groupNode({ id: UNPAIRED_GROUP, label: UNPAIRED_GROUP }, root);
    for (const each of unpaired) {
      group.children.push({ kind: 'unpaired', model, parent: group, unpaired: each });
    }
    root.children.push(group);
  }
}

/** The pairs below a node; a pair's node itself. */
export function pairsBelow(node: ModelNode): readonly PairNode[] {
  switch (node.kind) {
    case 'pair':
      return [node];
    case 'unpaired':
      return [];
    case 'model':
    case 'group':
      return node.children.flatMap(pairsBelow);
  }
}

/** The node of a pair below `node`, or null. */
export function findPairNode(node: ModelNode, id: string): PairNode | null {
  if (node.kind === 'pair') return node.pair.id === id ? node : null;
  if (node.kind === 'unpaired') return null;
  for (const child of node.children) {
    const found = findPairNode(child, id);
    if (found !== null) return found;
  }
  return null;
}

function pairNode(
  item: PairGroup | LabelledPair,
  parent: ModelNode,
  locked: ReadonlySet<string>,
): ModelNode {
  if ('pair' in item) {
    const isChoosable = !locked.has(item.pair.id);
    return { kind: 'pair', model: parent.model, parent, isChoosable, ...item };
  }
  const group = groupNode(item, parent);
  group.children.push(...item.children.map((child) => pairNode(child, group, locked)));
  return group;
}

function groupNode({ id, label }: Pick<GroupNode, 'id' | 'label'>, parent: ModelNode): GroupNode {
  return { kind: 'group', model: parent.model, parent, id, label, children: [] };
}
