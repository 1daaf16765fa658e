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

export interface RootNode {
  readonly kind: 'model';
  readonly model: OpenModel;
  readonly parent: null;
  readonly children: ModelNode[];
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
}

export interface UnpairedNode {
  readonly kind: 'unpaired';
  readonly model: OpenModel;
  readonly parent: ModelNode;
  readonly unpaired: InspectReport['unpaired'][number];
}

/** Id of the group of BatchNorms that no convolution feeds. */
export const UNPAIRED_GROUP = 'unpaired';

/** The nodes of one model as far as it has been read. */
export function modelNodes(model: OpenModel, grouping: Grouping): RootNode {
  const root: RootNode = { kind: 'model', model, parent: null, children: [] };
  if (model.state.kind !== 'ready') return root;
  const { pairs, unpaired } = model.state.report;
  const grouped = grouping === 'verdict' ? groupByVerdict(pairs) : groupByModule(pairs);
  root.children.push(...grouped.map((item) => pairNode(item, root)));
  if (unpaired.length > 0) {
    const group = groupNode({ id: UNPAIRED_GROUP, label: UNPAIRED_GROUP }, root);
    for (const each of unpaired) {
      group.children.push({ kind: 'unpaired', model, parent: group, unpaired: each });
    }
    root.children.push(group);
  }
  return root;
}

/** The pairs below a node; the node's own for a pair. */
export function pairsBelow(node: ModelNode): readonly PairReport[] {
  switch (node.kind) {
    case 'pair':
      return [node.pair];
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

function pairNode(item: PairGroup | LabelledPair, parent: ModelNode): ModelNode {
  if ('pair' in item) return { kind: 'pair', model: parent.model, parent, ...item };
  const group = groupNode(item, parent);
  group.children.push(...item.children.map((child) => pairNode(child, group)));
  return group;
}

function groupNode({ id, label }: Pick<GroupNode, 'id' | 'label'>, parent: ModelNode): GroupNode {
  return { kind: 'group', model: parent.model, parent, id, label, children: [] };
}
