import type { GraphNode } from '../../../model/network';
import { isBatchNorm, type BatchNormNode } from '../batchNormNode';
import { isConvolution, readConvolution } from '../convolutions/readConvolution';
import type { ConvolutionNode } from '../convolutions/convolutionNode';
import { describeOrigin } from '../describeNode';
import type { Scope, Value } from '../graphIndex';
import { readParameter } from '../parameter';
import { activations } from './activations';
import type { Chain, ChainStep, StepEffect } from './chain';
import { channelAffine } from './channelAffine';
import { isInferenceDropout, type ReadFlag } from './isInferenceDropout';

/** A node on the way, before the convolution above it is known. */
interface Hop {
  readonly node: GraphNode;
  readonly scope: Scope;
  readonly output: Value;
}

/** Nodes between convolution and BatchNorm, and inputs of such a node: no network has more. */
const MAX_HOPS = 64;
const MAX_INPUTS = 16;

/** Layers with weights and states of their own: what comes after them is not the convolution's any more. */
const recurrent = new Set(['LSTM', 'GRU', 'RNN']);

/**
 * Follows the input of a BatchNorm upwards, as long as each node has one input that is not a constant, to the
 * nearest convolution. Another BatchNorm ends the search unless nothing but harmless steps lie around it.
 */
export function traceChain(bn: BatchNormNode, readFlag: ReadFlag): Chain {
  const hops: Hop[] = [];
  const seen = new Set<GraphNode>();
  let scope = bn.scope;
  let name = bn.node.inputs[0] ?? '';
  while (hops.length < MAX_HOPS) {
    const value = scope.resolve(name);
    const node = value?.producer;
    if (!node || seen.has(node)) break;
    seen.add(node);
    scope = value.scope;
    const conv = value.name === node.outputs[0] ? readConvolution(scope, node) : null;
    if (conv) {
      const steps = hops.toReversed().map((hop) => stepOf(hop, conv, readFlag));
      if (crossesBatchNorm(steps)) break;
      return { kind: 'convolution', conv, steps };
    }
    const inputs = node.inputs.length > MAX_INPUTS ? [] : dataInputs(scope, node);
    const [input] = inputs;
    const isPassed =
      !isConvolution(node) && !recurrent.has(node.opType) && node.subgraphs.length === 0;
    if (input === undefined || inputs.length > 1 || !isPassed) break;
    hops.push({ node, scope, output: value });
    name = input;
  }
  const origin = bn.node.inputs[0] ?? '';
  return { kind: 'other', origin: describeOrigin(bn.scope.resolve(origin), origin) };
}

/** Names of the inputs a node computes with, constants left out. */
function dataInputs(scope: Scope, node: GraphNode): readonly string[] {
  return node.inputs.filter((name, index) => {
    const value = scope.resolve(name);
    if (name === '' || value?.initializer || value?.producer?.opType === 'Constant') return false;
    const isPassed = value?.producer?.opType === 'Identity';
    return !isPassed || readParameter(scope, node, index)?.origin.kind === 'computed';
  });
}

function stepOf(hop: Hop, conv: ConvolutionNode, readFlag: ReadFlag): ChainStep {
  return { ...hop, effect: effectOf(hop, conv, readFlag) };
}

function effectOf(hop: Hop, conv: ConvolutionNode, readFlag: ReadFlag): StepEffect {
  const { node, scope } = hop;
  if (isBatchNorm(node)) return { kind: 'batchNorm' };
  if (activations.has(node.opType)) return { kind: 'activation' };
  if (node.domain !== '') return { kind: 'other' };
  if (node.opType === 'Identity') return { kind: 'none' };
  if (isInferenceDropout(scope, node, readFlag)) return { kind: 'none' };
  const affine = channelAffine(scope, node, conv);
  return affine ? { kind: 'affine', ...affine } : { kind: 'other' };
}

/** A BatchNorm behind an activation and another BatchNorm belongs to no convolution in a way worth showing. */
function crossesBatchNorm(steps: readonly ChainStep[]): boolean {
  const kinds = new Set(steps.map((step) => step.effect.kind));
  return kinds.has('batchNorm') && (kinds.has('activation') || kinds.has('other'));
}
