import type { WeightLayout } from '../model/layer';

/** The part of a convolution that its summary needs; a `PairReport`'s `conv` is one. */
export interface SummarisedConv {
  readonly type: string;
  readonly shape: readonly number[];
  readonly layout: WeightLayout;
  readonly groups: number;
}

/** A convolution in a few characters: `Conv 16→32 3×3`, `SubMConv3d 16→16 3×3×3`, `Conv 32→32 3×3 /32` with 32 groups. */
export function convSummary(conv: SummarisedConv): string {
  const { inChannels, outChannels, kernel } = convExtents(conv);
  const parts = [conv.type, `${inChannels}→${outChannels}`];
  if (kernel.length > 0) parts.push(kernel.join('×'));
  if (conv.groups > 1) parts.push(`/${conv.groups}`);
  return parts.join(' ');
}

/** Channels and kernel as the weight's shape gives them; 0 where the shape is too short to tell. */
function convExtents({ shape, layout, groups }: SummarisedConv): {
  inChannels: number;
  outChannels: number;
  kernel: readonly number[];
} {
  const at = (axis: number): number => shape.at(axis) ?? 0;
  switch (layout) {
    case 'OI*':
      return { inChannels: at(1) * groups, outChannels: at(0), kernel: shape.slice(2) };
    case 'IO*':
      return { inChannels: at(0), outChannels: at(1) * groups, kernel: shape.slice(2) };
    case '*IO':
      return { inChannels: at(-2), outChannels: at(-1), kernel: shape.slice(0, -2) };
    case 'O*I':
    case 'IO-flat':
      return { inChannels: at(-1), outChannels: at(0), kernel: shape.slice(1, -1) };
  }
}
