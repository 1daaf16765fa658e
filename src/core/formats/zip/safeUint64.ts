import { ModelFormatError } from '../../errors';
import { MAX_UINT32 } from './zipEntry';

/** Reads an unsigned 64-bit number that must be an exact JavaScript one. */
export function safeUint64(view: DataView, at: number, what: string): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * (MAX_UINT32 + 1);
  if (!Number.isSafeInteger(value)) throw new ModelFormatError(`${what} is beyond 2^53`);
  return value;
}
