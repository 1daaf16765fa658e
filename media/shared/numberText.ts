/** A number for people: three digits that count, with an exponent where zeros would hide them. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const magnitude = Math.abs(value);
  const text =
    magnitude >= 1e-3 && magnitude < 1e5
      ? String(Number(value.toPrecision(3)))
      : value.toExponential(2).replace('e+', 'e');
  return text.replace(/^-/, '−').replace('e-', 'e−');
}
