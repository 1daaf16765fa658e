import { ModelFormatError } from '../../../errors';
import type { GraphValue } from '../../../model/network';
import { elementTypeName } from '../elementTypes';
import type { Declaration } from '../records';
import type { MessageSpan } from '../wire/fields';
import { cost, LIST_ELEMENTS_PER_UNIT, MAX_RANK } from './limits';
import { readSmall, type ReadContext } from './readLight';

const none: readonly never[] = [];

/** Reads a ValueInfoProto, and adds its place to `into`. */
export function readValue(ctx: ReadContext, span: MessageSpan, into: Declaration[]): GraphValue {
  const { name: ownName = '', type } = readSmall(ctx, 'Value', span);
  const tensorType = type?.tensorType;
  const dims = tensorType?.shape?.dim;
  if (dims !== undefined && dims.length > MAX_RANK) {
    throw new ModelFormatError(
      `value ${ownName} has ${dims.length} dimensions, above ${MAX_RANK}`,
      span.start,
    );
  }
  ctx.budget.take(cost.value + (dims?.length ?? 0) / LIST_ELEMENTS_PER_UNIT, span.start);
  const name = ctx.names.one(ownName);
  into.push({ name, field: span, parameters: none });
  return {
    name,
    elementType: elementTypeName(tensorType?.elemType ?? 0),
    shape:
      dims === undefined
        ? null
        : dims.map(({ dimValue, dimParam }) => {
            if (dimParam !== undefined && dimParam !== '') return ctx.names.one(dimParam);
            return dimValue === undefined || dimValue < 0 ? null : dimValue;
          }),
  };
}
