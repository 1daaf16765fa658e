/** Longer names would not fit below a chart. */
const MAX_LENGTH = 18;

/** Names without the steps that all of them begin or end with: what tells layers apart comes first in a narrow place. */
export function shortNames(names: readonly string[]): readonly string[] {
  const parts = names.map((name) => withoutEchoes(name).split(/(?<=[./])|(?=[./])/));
  const shortest = Math.min(...parts.map(({ length }) => length));
  const [sample = []] = parts;
  const isShared = (at: number): boolean =>
    parts.every((steps) => steps.at(at) === sample.at(at)) && names.length > 1;
  let start = 0;
  while (start < shortest - 1 && isShared(start)) start++;
  let end = 0;
  while (start + end < shortest - 1 && isShared(-1 - end)) end++;
  return parts.map((steps) => {
    const text = steps
      .slice(start, steps.length - end)
      .join('')
      .replace(/^[./]+|[./]+$/g, '');
    return shorten(text === '' ? steps.join('') : text);
  });
}

/** Exporters write a block's name before each of its members: `stage1/stage1.0` is `stage1.0` twice over. */
function withoutEchoes(name: string): string {
  const steps = name.split('/');
  return steps
    .filter((step, idx) => step === '' || !steps[idx + 1]?.startsWith(`${step}.`))
    .join('/');
}

/** The end of a name tells more than its beginning. */
function shorten(name: string): string {
  return name.length <= MAX_LENGTH ? name : `…${name.slice(1 - MAX_LENGTH)}`;
}
