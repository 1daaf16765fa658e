/** Puts a sentence into the user's language and its arguments into `{0}`, `{1}` …; VS Code's `l10n.t` is one. */
export type Translate = (sentence: string, ...args: (string | number)[]) => string;

/** `53 fusable · 2 skipped · 1 blocked`, without the zeros; says so when there is no pair at all. */
export function countsText(
  counts: { readonly fusable: number; readonly skipped: number; readonly blocked: number },
  t: Translate,
): string {
  const parts = [
    counts.fusable > 0 ? t('{0} fusable', counts.fusable) : '',
    counts.skipped > 0 ? t('{0} skipped', counts.skipped) : '',
    counts.blocked > 0 ? t('{0} blocked', counts.blocked) : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join(' · ') : t('nothing to fuse');
}
