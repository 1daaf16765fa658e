import { reason, type Reason } from '../../../model/reason';
import { isFloatDType } from '../../../model/tensor';
import type { Parameter } from '../parameter';
import type { Candidate, GraphRule } from './candidate';

/** Guards 7, 8 and 16: the four vectors are constants of the file, one number per channel each. */
export const batchNormParameters: GraphRule = (candidate) => {
  const { bn } = candidate;
  const vectors = Object.entries(bn.parameters).flatMap(([name, parameter]) =>
    judge(candidate, name, parameter),
  );
  return bn.isEpsKnown ? vectors : [reason('PARAMETERS_NOT_CONSTANT', 'epsilon'), ...vectors];
};

function judge({ bn }: Candidate, name: string, parameter: Parameter): readonly Reason[] {
  const { tensor, origin } = parameter;
  if (origin.kind === 'computed') return [reason('PARAMETERS_NOT_CONSTANT', name)];
  const { channels } = bn.layer;
  const isVector = tensor.shape.length === 1 && tensor.shape[0] === channels;
  return [
    ...(isVector
      ? []
      : [reason('PARAMETER_SHAPE', name, `[${tensor.shape.join(', ')}]`, channels)]),
    ...(isFloatDType(tensor.dtype) ? [] : [reason('DTYPE_UNSUPPORTED', tensor.name, tensor.dtype)]),
  ];
}
