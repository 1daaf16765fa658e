/** Reading of parsed JSON whose form is not known: what is not there, or is of another type, is `undefined`. */
export function fieldOf(value: unknown, key: string): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return isObject ? Reflect.get(value, key) : undefined;
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Keys and values of an object. */
export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** A count, which may be wrapped as `{ "as_int": 3 }`; undefined for a symbolic one. */
export function countOf(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : fieldOf(value, 'as_int');
  const isCount = typeof number === 'number' && Number.isSafeInteger(number) && number >= 0;
  return isCount ? number : undefined;
}
