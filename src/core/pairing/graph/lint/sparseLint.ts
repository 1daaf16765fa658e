import type { GraphNode } from '../../../model/network';
import type { Pair, Problem } from '../../../model/pair';
import { describeNode } from '../describeNode';
import type { Scope } from '../graphIndex';

/**
 * What NVIDIA's sparse runtime cannot run although the file is sound ONNX (FOLDING.md guards 44 and 45):
 * a convolution without bias, a BatchNorm1d, an activation as a node of its own behind a convolution.
 */
export function sparseLint(scopes: readonly Scope[], pairs: readonly Pair[]): readonly Problem[] {
  const getsBias = new Set(
    pairs.filter((pair) => pair.verdict === 'fusable').map((pair) => pair.conv.name),
  );
  return scopes
    .filter(({ graph }) => graph.nodes.some(isSparseConvolution))
    .flatMap((scope) =>
      scope.graph.nodes.flatMap((node) => lintNode(scope, node, getsBias.has(node.name))),
    );
}

function lintNode(scope: Scope, node: GraphNode, getsBias: boolean): readonly Problem[] {
  const name = describeNode(node);
  if (isSparseConvolution(node) && (node.inputs[2] ?? '') === '' && !getsBias) {
    const message = `${name} has no bias input. NVIDIA’s libspconv reads one always, so the file would crash there.`;
    return [{ severity: 'error', message, layer: node.name }];
  }
  if (node.opType === 'BatchNorm1d') {
    const message = `${name} was left behind by the export. NVIDIA’s libspconv has no such operator: fold the checkpoint before exporting.`;
    return [{ severity: 'error', message, layer: node.name }];
  }
  if (node.opType === 'Relu') {
    const before = scope.resolve(node.inputs[0] ?? '')?.producer;
    if (!before || !isSparseConvolution(before)) return [];
    const message = `${name} follows ${describeNode(before)} as a node of its own. NVIDIA’s libspconv expects it as the convolution’s attribute activation.`;
    return [{ severity: 'warning', message, layer: node.name }];
  }
  return [];
}

function isSparseConvolution(node: GraphNode): boolean {
  return node.opType === 'SparseConvolution';
}
