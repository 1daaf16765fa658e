import { reason } from '../../../model/reason';
import { numberAttribute } from '../attributes';
import type { GraphRule } from './candidate';

/** Opset that replaced `is_test` by the number of outputs. */
const OUTPUTS_TELL = 7;

/**
 * Guards 14 and 15: a BatchNormalization in its training form uses the batch's statistics. Which form it is was
 * said in three ways over the opsets: by `is_test`, by the number of outputs (empty names are absent outputs), by
 * `training_mode`. Where an attribute stands that the opset does not know, or a call decides, the doubt blocks.
 */
export const trainingForm: GraphRule = ({ bn: { node, scope } }) => {
  const { opset } = scope;
  const [, ...statistics] = node.outputs.filter((name) => name !== '');
  if (numberAttribute(node, 'training_mode', 0) !== 0) return [reason('TRAINING_MODE')];
  const isTest = numberAttribute(node, 'is_test', 0);
  if (isTest === null) return [reason('PARAMETERS_NOT_CONSTANT', 'is_test')];
  const isInference = opset < OUTPUTS_TELL && isTest !== 0;
  const areRead = statistics.some((name) => (scope.resolve(name)?.uses.length ?? 0) > 0);
  if (areRead || (statistics.length > 0 && !isInference)) {
    return [reason('TRAINING_FORM_OUTPUTS', statistics.length + 1, opset)];
  }
  return opset < OUTPUTS_TELL && !isInference ? [reason('IS_TEST_AMBIGUOUS', opset)] : [];
};
