import { reason } from '../../../model/reason';
import type { Parameter } from '../parameter';
import type { Candidate, GraphRule } from './candidate';

/**
 * Guard 8: from IR version 4 on, an initializer that is also a graph input is a default a caller may override.
 * Where all of them are, an exporter of that time wrote them so, and they are taken as constants.
 */
export const initializerInputs: GraphRule = (candidate) => {
  const { irVersion } = candidate.bn.scope.network;
  const origins = parameters(candidate).map((parameter) => parameter.origin);
  const names = origins.flatMap((origin) => (origin.kind === 'overridable' ? [origin.name] : []));
  if (names.length > 0) return [reason('PARAMETER_OVERRIDABLE', names.join(', '), irVersion)];
  const isAssumed = origins.some((origin) => origin.kind === 'assumed');
  return isAssumed ? [reason('INITIALIZERS_ARE_INPUTS', irVersion)] : [];
};

function parameters({ conv, steps, bn }: Candidate): readonly Parameter[] {
  const constants = steps.flatMap(({ effect }) =>
    effect.kind === 'affine' ? [effect.constant] : [],
  );
  const own = conv.bias ? [conv.weight, conv.bias] : [conv.weight];
  return [...own, ...constants, ...Object.values(bn.parameters)];
}
