import type { GraphNetwork, GraphNode, Module, Network } from '../model/network';
import type { FollowingActivation } from './activationRange';

const unknown: FollowingActivation = { name: 'unknown', min: -Infinity, max: Infinity };
const none: FollowingActivation = { name: 'none', min: -Infinity, max: Infinity };
const relu: FollowingActivation = { name: 'relu', min: 0, max: Infinity };
const relu6: FollowingActivation = { name: 'relu6', min: 0, max: 6 };

/** What follows the BatchNorm named `bn`, as far as it bounds its output: one activation that alone reads it. */
export function followingActivation(network: Network, bn: string): FollowingActivation {
  switch (network.kind) {
    case 'graph':
      return inGraph(network, bn);
    case 'modules':
      return network.evidence === 'modules' ? inModules(network.modules, bn) : unknown;
  }
}

function inGraph(network: GraphNetwork, bn: string): FollowingActivation {
  for (const graph of network.graphs) {
    const output = graph.nodes.find(({ name }) => name === bn)?.outputs[0];
    if (output === undefined) continue;
    const readers = graph.nodes.filter(({ inputs }) => inputs.includes(output));
    const isOutput = graph.outputs.some(({ name }) => name === output);
    const [reader] = readers;
    return reader === undefined || readers.length > 1 || isOutput ? none : ofNode(reader);
  }
  return unknown;
}

function ofNode(node: GraphNode): FollowingActivation {
  if (node.domain !== '') return unknown;
  switch (node.opType) {
    case 'Relu':
      return relu;
    case 'Clip': {
      // From opset 11 on the bounds are inputs, whose values are not at hand here.
      const [min, max] = [node.attributes.get('min'), node.attributes.get('max')];
      if (min?.kind !== 'float' || max?.kind !== 'float') return unknown;
      return {
        name: min.value === 0 && max.value === 6 ? 'relu6' : 'clip',
        min: min.value,
        max: max.value,
      };
    }
    case 'LeakyRelu':
    case 'PRelu':
    case 'Elu':
    case 'Selu':
    case 'Celu':
    case 'Sigmoid':
    case 'HardSigmoid':
    case 'HardSwish':
    case 'Swish':
    case 'Gelu':
    case 'Mish':
    case 'Tanh':
    case 'Softplus':
      return unknown;
    default:
      return none;
  }
}

/** In a Sequential the next module is the next step; elsewhere the order of registration proves nothing. */
function inModules(modules: readonly Module[], bn: string): FollowingActivation {
  const parent = bn.slice(0, Math.max(bn.lastIndexOf('.'), 0));
  const isInSequence = modules.some(
    ({ path, className }) => path === parent && isSequential(className),
  );
  if (!isInSequence) return unknown;
  const siblings = modules.filter(
    ({ path }) => path.startsWith(`${parent}.`) && !path.slice(parent.length + 1).includes('.'),
  );
  const next = siblings[siblings.findIndex(({ path }) => path === bn) + 1];
  switch (next?.className) {
    case 'ReLU':
      return relu;
    case 'ReLU6':
      return relu6;
    default:
      return unknown;
  }
}

function isSequential(className: string | null): boolean {
  return className?.endsWith('Sequential') ?? false;
}
