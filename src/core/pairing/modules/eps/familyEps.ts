import type { Module } from '../../../model/network';
import { weightOf } from '../moduleKind';
import { epsFamilies, type EpsFamily, type LayerMark } from './epsFamilies';
import { ganFamilies, ganSuspicions } from './ganFamilies';

/** What names say of a BatchNorm's eps; null where they say nothing. */
export interface FamilyEps {
  /** eps of the family that the file's layers show. */
  readonly known: (normPath: string) => number | null;
  /** An unusual eps that networks with such layers are known to have, if not all of them. */
  readonly suspected: (normPath: string) => number | null;
}

/** Looks for the marks of all families once for the whole file. */
export function familyEps(modules: readonly Module[]): FamilyEps {
  return {
    known: finder([...epsFamilies, ...ganFamilies], modules),
    suspected: finder(ganSuspicions, modules),
  };
}

function finder(
  families: readonly EpsFamily[],
  modules: readonly Module[],
): (normPath: string) => number | null {
  const present = families.filter(
    ({ marks, lacks }) =>
      marks.every((mark) => modules.some((module) => carries(module, mark))) &&
      (lacks === undefined || !modules.some(({ path }) => lacks.test(path))),
  );
  return (normPath) => present.find(({ norms }) => norms.test(normPath))?.eps ?? null;
}

function carries(module: Module, { path, shape }: LayerMark): boolean {
  if (!path.test(module.path)) return false;
  return shape === undefined || shape(weightOf(module)?.shape ?? []);
}
