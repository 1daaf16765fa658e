/** Joins a path and a name, either of which may be empty. */
export function joinPath(path: string, name: string): string {
  return path === '' || name === '' ? path + name : `${path}.${name}`;
}
