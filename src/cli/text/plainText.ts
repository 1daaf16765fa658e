import { isAbsolute, relative } from 'node:path';

/**
 * Text from a model file as a terminal may show it: a name could hold escape codes that recolour the screen or worse,
 * so control characters are shown as `\u{…}`.
 */
export function plainText(text: string): string {
  return text.replace(
    /\p{Cc}|\p{Cf}/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Bytes as people read them: `1.3 MB`. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
  let size = bytes;
  let unitIdx = 0;
  while (size >= 1000 && unitIdx < units.length - 1) {
    size /= 1000;
    unitIdx++;
  }
  return `${unitIdx === 0 ? size : size.toFixed(1)} ${units[unitIdx] ?? ''}`;
}

/** A path as people read it: from the current folder when it is below, else absolute. */
export function pathText(path: string): string {
  const way = relative('', path);
  return plainText(way.startsWith('..') || isAbsolute(way) ? path : way);
}
