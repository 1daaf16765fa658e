import { join } from 'node:path';

declare const PROJECT_ROOT: string;

/** Absolute path of a file of the project, from its root. */
export function projectPath(...parts: string[]): string {
  return join(PROJECT_ROOT, ...parts);
}
