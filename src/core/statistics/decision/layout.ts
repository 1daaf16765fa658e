import type { ConvLayer, WeightLayout } from '../../model/layer';
import type { Pair } from '../../model/pair';
import type { Reason, ReasonCode } from '../../model/reason';
import { transposedGroups } from '../../pairing/modules/convReading';

/** Doubts about how a weight is read, with the readings that are in question. */
const questions: Partial<Record<ReasonCode, readonly WeightLayout[]>> = {
  LAYOUT_1X1_AMBIGUOUS: ['IO-flat', 'O*I'],
  LAYOUT_AMBIGUOUS: ['*IO', 'O*I'],
  TRANSPOSE_AMBIGUOUS: ['OI*', 'IO*'],
};

/** The layouts a pair's weight may have: its own, and others where the file leaves that open. Its own comes first. */
export function layoutsInQuestion({ conv, reasons }: Pair): readonly WeightLayout[] {
  const open = reasons.flatMap(({ code }) => questions[code] ?? []);
  return [...new Set([conv.layout, ...open])];
}

/**
 * The other way to read a weight that is as wide as it is deep, over space, where only names tell which way it is;
 * null for any other. Names say little of transposed convolutions with an odd kernel: ENet's are called `conv2.conv`.
 */
export function turnedLayout({ conv, evidence, reasons }: Pair): WeightLayout | null {
  const [first, second, ...kernel] = conv.weight.shape;
  const isOpen = evidence === 'names' && conv.groups === 1 && !reasons.some(isQuestion);
  if (!isOpen || first !== second || kernel.every((extent) => extent === 1)) return null;
  if (conv.layout === 'OI*') return 'IO*';
  return conv.layout === 'IO*' ? 'OI*' : null;
}

function isQuestion({ code }: Reason): boolean {
  return isLayoutQuestion(code);
}

/** Whether a reason is a doubt that knowing the layout settles. */
export function isLayoutQuestion(code: ReasonCode): boolean {
  return code in questions;
}

/** How a layout reads in a sentence. */
export const layoutNames: Readonly<Record<WeightLayout, string>> = {
  'OI*': 'a convolution that is not transposed',
  'IO*': 'a transposed convolution',
  '*IO': 'spconv 1',
  'O*I': 'spconv 2',
  'IO-flat': 'spconv 2, used as [in, out]',
};

/** The layer with its weight read as `layout`; channels and kernel follow from the shape. */
export function withLayout(conv: ConvLayer, layout: WeightLayout): ConvLayer {
  if (layout === conv.layout) return conv;
  const { shape } = conv.weight;
  const first = shape[0] ?? 0;
  const second = shape[1] ?? 0;
  const last = shape.at(-1) ?? 0;
  const beforeLast = shape.at(-2) ?? 0;
  switch (layout) {
    case 'OI*':
      return {
        ...conv,
        type: conv.type.replace(/^ConvTranspose(?=\dd$)/, 'Conv'),
        layout,
        outChannels: first,
        inChannels: second,
        kernel: shape.slice(2),
      };
    case 'IO*': {
      const groups = transposedGroups(shape, conv.outChannels) ?? 1;
      return {
        ...conv,
        type: conv.type.replace(/^Conv(?=\dd$)/, 'ConvTranspose'),
        layout,
        groups,
        outChannels: second * groups,
        inChannels: first,
        kernel: shape.slice(2),
      };
    }
    case '*IO':
      return {
        ...conv,
        layout,
        outChannels: last,
        inChannels: beforeLast,
        kernel: shape.slice(0, -2),
      };
    case 'O*I':
    case 'IO-flat':
      return { ...conv, layout, outChannels: first, inChannels: last, kernel: shape.slice(1, -1) };
  }
}
