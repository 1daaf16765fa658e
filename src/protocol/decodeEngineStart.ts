import type { EngineStart } from './engine';
import { isNullOr, isNumber, isObjectOf, isText } from './guards';

/** What a thread was started with, or null when another version of the extension started it. */
export function decodeEngineStart(value: unknown): EngineStart | null {
  return isStart(value) ? value : null;
}

const isStart = isObjectOf<EngineStart>({ protocol: isNumber, cacheFolder: isNullOr(isText) });
