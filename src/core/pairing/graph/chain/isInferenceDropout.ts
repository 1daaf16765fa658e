import type { GraphNode } from '../../../model/network';
import type { Tensor } from '../../../model/tensor';
import { numberAttribute } from '../attributes';
import type { Scope } from '../graphIndex';
import { readParameter } from '../parameter';

/** Reads a constant of one element that switches an operator, such as `training_mode`; null when it cannot. */
export type ReadFlag = (tensor: Tensor) => number | null;

/** Dropout lost its `is_test` attribute, and with it its training form, in this opset. */
const INFERENCE_ONLY_OPSET = 7;
/** From here on training is chosen by the input `training_mode`. */
const TRAINING_INPUT_OPSET = 12;

/** Whether a Dropout surely passes its input on unchanged and nobody reads its mask. */
export function isInferenceDropout(scope: Scope, node: GraphNode, readFlag: ReadFlag): boolean {
  if (node.opType !== 'Dropout') return false;
  const mask = scope.resolve(node.outputs[1] ?? '');
  if (mask && mask.uses.length > 0) return false;
  if (scope.opset < INFERENCE_ONLY_OPSET) return numberAttribute(node, 'is_test', 0) === 1;
  if (scope.opset < TRAINING_INPUT_OPSET) return true;
  const training = readParameter(scope, node, 2);
  return (
    training === null || (training.origin.kind !== 'overridable' && readFlag(training.tensor) === 0)
  );
}
