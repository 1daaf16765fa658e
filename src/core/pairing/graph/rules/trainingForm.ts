import { reason } from '../../../model/reason';
import { numberAttribute } from '../attributes';
import type { GraphRule } from './candidate';

/** Opset that replaced `is_test` by the number of outputs. */
const OUTPUTS_TELL = 7;
/** Opset that replaced the number of outputs by `training_mode`. */
const ATTRIBUTE_TELLS = 14;

/**
 * Guards 14 and 15: a BatchNormalization in its training form uses the batch's statistics. Which form it is was
 * said in three ways over the opsets; empty output names are absent outputs.
 */
export const trainingForm: GraphRule = ({ bn: { node, scope } }) => {
  const { opset } = scope;
  const [, ...statistics] = node.outputs.filter((name) => name !== '');
  if (opset >= ATTRIBUTE_TELLS && numberAttribute(node, 'training_mode', 0) !== 0) {
    return [reason('TRAINING_MODE')];
  }
  const isTest = opset < OUTPUTS_TELL && numberAttribute(node, 'is_test', 0) !== 0;
  const areRead = statistics.some((name) => (scope.resolve(name)?.uses.length ?? 0) > 0);
  if (areRead || (statistics.length > 0 && !isTest)) {
    return [reason('TRAINING_FORM_OUTPUTS', statistics.length + 1, opset)];
  }
  return opset < OUTPUTS_TELL && !isTest ? [reason('IS_TEST_AMBIGUOUS', opset)] : [];
};
