import type { Module } from '../../../model/network';
import { weightOf } from '../moduleKind';
import { epsFamilies, type LayerMark } from './epsFamilies';

/**
 * eps of a file's BatchNorms where its layers show the family it belongs to; null where they do not.
 * The marks are looked for once for the whole file.
 */
export function familyEps(modules: readonly Module[]): (normPath: string) => number | null {
  const present = epsFamilies.filter(
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
