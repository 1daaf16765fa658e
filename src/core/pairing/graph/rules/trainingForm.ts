import { reason } from '../../../model/reason';
import { numberAttribute } from '../attributes';
import type { GraphRule } from './candidate';

/** Opset that replaced `is_test` by the number of outputs. */
const OUTPUTS_TELL = 7;
/** Opset that replaced the number of outputs by `training_mode`. */
const ATTRIBUTE_TELLS = 14;

/**
 * Guards 14 and 15: a BatchNormalization in its training form uses the batch's statistics. Which form it is was
 * said in three ways over the opsets; empty trailing output names are absent outputs.
 */
export const trainingForm: GraphRule = ({ bn: { node, scope } }) => {
  const { opset } = scope;
  const outputs = node.outputs.filter((name) => name !== '').length;
  if (opset >= ATTRIBUTE_TELLS && numberAttribute(node, 'training_mode', 0) !== 0) {
    return [reason('TRAINING_MODE')];
  }
  const isTest = opset < OUTPUTS_TELL && numberAttribute(node, 'is_test', 0) !== 0;
  if (outputs > 1 && !isTest) return [reason('TRAINING_FORM_OUTPUTS', outputs, opset)];
  return opset < OUTPUTS_TELL && !isTest ? [reason('IS_TEST_AMBIGUOUS', opset)] : [];
};
