import type { ModuleAttribute } from '../../model/network';

/** Python's `repr` of a float: the shortest decimal that reads back the same, `1e-05` below 1e-4 and from 1e16 on. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    const digits = String(Math.abs(power)).padStart(2, '0');
    return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`;
  }
  const sign = Object.is(value, -0) ? '-' : '';
  const text =
    Math.abs(value) < 1e-6 && value !== 0 ? value.toFixed(-power + mantissa.length) : String(value);
  return sign + (text.includes('.') ? text : `${text}.0`);
}

/** How an attribute is written. Whole numbers do not say whether they are Python floats: the attribute's name does. */
export type LiteralStyle = 'plain' | 'float' | 'list' | 'repr';

/** Python's text of an attribute: tuples unless `list` is asked for, text without quotes unless `repr` is. */
export function pythonLiteral(value: ModuleAttribute, style: LiteralStyle = 'plain'): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return pythonNumber(value, style);
  if (typeof value === 'string') return style === 'repr' ? `'${value}'` : value;
  const items = value.map((item) =>
    typeof item === 'number' ? pythonNumber(item, style) : item === 'None' ? item : `'${item}'`,
  );
  if (style === 'list') return `[${items.join(', ')}]`;
  return items.length === 1 ? `(${items.join()},)` : `(${items.join(', ')})`;
}

function pythonNumber(value: number, style: LiteralStyle): string {
  return style === 'float' || !Number.isInteger(value) ? pythonFloat(value) : String(value);
}
