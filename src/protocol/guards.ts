/** Says whether a value from outside is what a type promises. */
export type Guard<T> = (value: unknown) => value is T;

export const isText: Guard<string> = (value) => typeof value === 'string';

export const isNumber: Guard<number> = (value) => typeof value === 'number';

export function isOneOf<const T extends string | number>(...allowed: readonly T[]): Guard<T> {
  return (value): value is T => allowed.some((candidate) => candidate === value);
}

export function isNullOr<T>(guard: Guard<T>): Guard<T | null> {
  return (value): value is T | null => value === null || guard(value);
}

type Guarded<G> = G extends Guard<infer T> ? T : never;

/** A value that one of the guards accepts. */
export function isAnyOf<const G extends readonly Guard<unknown>[]>(
  ...guards: G
): Guard<Guarded<G[number]>> {
  return (value): value is Guarded<G[number]> => guards.some((guard) => guard(value));
}

export function isListOf<T>(guard: Guard<T>): Guard<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(guard);
}

/** An object that has all the members asked for; it may have more. */
export function isObjectOf<T extends object>(members: {
  readonly [K in keyof T]-?: Guard<T[K]>;
}): Guard<T> {
  const entries: [string, Guard<unknown>][] = Object.entries(members);
  return (value): value is T => {
    if (typeof value !== 'object' || value === null) return false;
    const record: Readonly<Record<string, unknown>> = { ...value };
    return entries.every(([name, guard]) => guard(record[name]));
  };
}

/** A value that both guards accept. */
export function isBoth<A, B>(one: Guard<A>, other: Guard<B>): Guard<A & B> {
  return (value): value is A & B => one(value) && other(value);
}
