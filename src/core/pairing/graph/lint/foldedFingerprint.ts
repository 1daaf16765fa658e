import type { Problem } from '../../../model/pair';
import type { Scope } from '../graphIndex';

/** Names that tools give to the weights they fold (FOLDING.md guard 13). */
const fingerprints: readonly { readonly tool: string; readonly pattern: RegExp }[] = [
  { tool: 'ONNX Runtime', pattern: /^ConvBnFusion_(W|BN_B)_/ },
  { tool: 'PyTorch’s freezing', pattern: /_fused_bn$|^CONSTANTS\.c\d+$/ },
  { tool: 'PyTorch’s exporter', pattern: /^onnx::Conv_\d+$/ },
];

/** For a model without any BatchNorm: who folded it, when the names of the weights or NVIDIA's operators tell. */
export function foldedFingerprint(scopes: readonly Scope[]): readonly Problem[] {
  for (const { graph } of scopes) {
    for (const name of graph.initializers.keys()) {
      const match = fingerprints.find(({ pattern }) => pattern.test(name));
      if (match) return [folded(match.tool, name)];
    }
    const sparse = graph.nodes.find(
      (node) => node.opType === 'SparseConvolution' && (node.inputs[2] ?? '') !== '',
    );
    if (sparse) {
      return [folded('NVIDIA’s exporter', `the bias of SparseConvolution ${sparse.name}`)];
    }
  }
  return [];
}

function folded(tool: string, fingerprint: string): Problem {
  const message = `The model has no BatchNormalization: already folded by ${tool} (fingerprint ${fingerprint}).`;
  return { severity: 'info', message };
}
