import { reason } from '../../../model/reason';
import type { GraphRule } from './candidate';

/**
 * Names stand for one value each: where a file gives two values one name, nobody knows who reads which. A fold gives the
 * BatchNorm's output earlier, and a body in between that has a value of that name would then see it defined twice.
 */
export const singleDefinitions: GraphRule = ({ conv, steps, bn }) => {
  const given = bn.scope.resolve(bn.node.outputs[0] ?? '');
  const values = [conv.output, ...steps.map(({ output }) => output), ...(given ? [given] : [])];
  const isInBody = given?.scope.isDefinedInBody(given.name) === true && !given.isDefinedTwice;
  return [
    ...(given ? [] : [reason('OUTPUT_MISSING')]),
    ...values.flatMap(({ name, isDefinedTwice }) =>
      isDefinedTwice ? [reason('VALUE_DEFINED_TWICE', name)] : [],
    ),
    ...(isInBody ? [reason('VALUE_DEFINED_TWICE', given.name)] : []),
  ];
};
