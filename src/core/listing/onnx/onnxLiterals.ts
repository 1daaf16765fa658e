import { escapeControls } from '../escapeControls';
import type { GraphValue } from '../../model/network';
import type { DType, Tensor } from '../../model/tensor';

/** Longer lists and texts are cut: they say little to a reader and make lines that editors refuse. */
const MAX_ITEMS = 32;
const MAX_TEXT = 200;

const dtypeNames: Readonly<Record<DType, string>> = {
  f64: 'double',
  f32: 'float',
  f16: 'float16',
  bf16: 'bfloat16',
  i64: 'int64',
  i32: 'int32',
  i16: 'int16',
  i8: 'int8',
  u8: 'uint8',
  bool: 'bool',
  other: 'tensor',
};

/** A name as ONNX's textual syntax writes it: bare where it is an identifier, else in quotes. */
export function identifier(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoted(name);
}

/** Text in quotes. Control characters are escaped, so that a name cannot break a line. */
export function quoted(text: string): string {
  const shown = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
  return `"${escapeControls(shown.replace(/[\\"]/g, '\\$&'))}"`;
}

/** `[a, b, …]`, cut where it is long. */
export function list<Item>(items: readonly Item[], print: (item: Item) => string): string {
  const shown = items.slice(0, MAX_ITEMS).map(print);
  if (items.length > MAX_ITEMS) shown.push('…');
  return `[${shown.join(', ')}]`;
}

/** The textual syntax's name of a tensor's element type. */
export function elementType({ dtype }: Tensor): string {
  return dtypeNames[dtype];
}

/** `float[64,3,7,7]`; a scalar has no brackets. */
export function tensorType({ dtype, shape }: Tensor): string {
  return `${dtypeNames[dtype]}${shape.length === 0 ? '' : `[${shape.join(',')}]`}`;
}

/** `float[N,3,224,224]`, empty brackets for an unknown shape, and '' where no tensor type is known. */
export function valueType({ elementType, shape }: GraphValue): string {
  if (elementType === null) return '';
  if (shape === null) return `${elementType}[]`;
  if (shape.length === 0) return elementType;
  return `${elementType}[${shape.map(dimension).join(',')}]`;
}

function dimension(size: number | string | null): string {
  if (size === null) return '?';
  return typeof size === 'number' ? String(size) : identifier(size);
}

/**
 * The shortest decimal that reads back as the same float32, fixed or scientific, whichever is shorter: what C++'s
 * `to_chars` gives and ONNX's own printer writes.
 */
export function float32(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  let precision = 1;
  while (
    precision < 9 &&
    Math.fround(Number(value.toPrecision(precision))) !== Math.fround(value)
  ) {
    precision++;
  }
  const [mantissa = '0', exponent = '0'] = Number(value.toPrecision(precision))
    .toExponential()
    .split('e');
  const power = Number(exponent);
  const scientific = `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  const fixed = plainDecimal(mantissa, power);
  const sign = Object.is(value, -0) ? '-' : '';
  return sign + (fixed.length <= scientific.length ? fixed : scientific);
}

/** Writes `mantissa`·10^power without an exponent. */
function plainDecimal(mantissa: string, power: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`;
  const whole = digits.padEnd(power + 1, '0');
  const fraction = whole.slice(power + 1);
  return sign + whole.slice(0, power + 1) + (fraction === '' ? '' : `.${fraction}`);
}
