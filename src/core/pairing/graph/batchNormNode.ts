import type { BatchNormLayer } from '../../model/layer';
import type { GraphNode } from '../../model/network';
import { userEps, type PairingOptions } from '../pairingOptions';
import { numberAttribute } from './attributes';
import type { Scope } from './graphIndex';
import { absentParameter, readParameter, type Parameter } from './parameter';

/** A BatchNormalization node as a layer; whether it runs in inference is for the rules to say. */
export interface BatchNormNode {
  readonly node: GraphNode;
  readonly scope: Scope;
  readonly layer: BatchNormLayer;
  /** Under the specification's names. */
  readonly parameters: Readonly<Record<'scale' | 'B' | 'mean' | 'var', Parameter>>;
  /** False when `epsilon` comes from the call of a function and is not known here. */
  readonly isEpsKnown: boolean;
}

/** The specification's default; the attribute is a float32. */
const DEFAULT_EPSILON = Math.fround(1e-5);

/** Whether a node is a BatchNormalization, in whatever domain. */
export function isBatchNorm(node: GraphNode): boolean {
  return node.opType === 'BatchNormalization';
}

/** The layer of a BatchNormalization node. A vector it lacks is a parameter that nothing defines. */
export function readBatchNorm(
  scope: Scope,
  node: GraphNode,
  options: PairingOptions,
): BatchNormNode {
  const parameter = (input: number): Parameter =>
    readParameter(scope, node, input) ?? absentParameter('');
  const parameters = {
    scale: parameter(1),
    B: parameter(2),
    mean: parameter(3),
    var: parameter(4),
  };
  const stored = numberAttribute(node, 'epsilon', DEFAULT_EPSILON);
  const chosen = userEps(options, node.name);
  return {
    node,
    scope,
    layer: {
      name: node.name,
      type: node.opType,
      channels: parameters.scale.tensor.shape[0] ?? 0,
      eps: chosen ?? stored ?? DEFAULT_EPSILON,
      epsSource: chosen === null ? 'attribute' : 'user',
      gamma: parameters.scale.tensor,
      beta: parameters.B.tensor,
      mean: parameters.mean.tensor,
      variance: parameters.var.tensor,
    },
    parameters,
    isEpsKnown: chosen !== null || stored !== null,
  };
}
