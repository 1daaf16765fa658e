/** Puts arguments into the places `{0}`, `{1}` … of a sentence; a place without an argument stays as it is. */
export function fillPlaces(sentence: string, ...args: readonly (string | number)[]): string {
  return sentence.replace(/\{(\d)\}/g, (place, idx) => String(args[Number(idx)] ?? place));
}
