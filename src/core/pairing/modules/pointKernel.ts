import { isSubmanifoldClass } from './classNames';
import type { ConvReading } from './convReading';
import type { ModuleNode } from './moduleNode';
import { numbersOf } from './pairLayers';
import type { LayoutChoice } from './weightFamilies';

/** How spconv 2 uses a weight with one tap: as it lies, flat as [in, out], or the file does not say which. */
export type PointUse = 'plain' | 'flat' | 'unknown';

/**
 * spconv 2 takes a shortcut for one tap, `features @ weight.view(in, out)`, when the convolution is submanifold or
 * has stride 1 (FOLDING.md 38). Stride and class are in listings and pickled modules; a state_dict has neither.
 * Whoever chooses the layout says that the weight is used as spconv 2 uses nearly all of them: flat.
 */
export function pointUse(conv: ModuleNode, reading: ConvReading, choice: LayoutChoice): PointUse {
  const isPoint = reading.kernel.length > 0 && reading.kernel.every((extent) => extent === 1);
  if (reading.layout !== 'O*I' || !isPoint) return 'plain';
  const className = conv.className;
  const attributes = conv.module?.attributes;
  if (className !== null && isSubmanifoldClass(className)) return 'flat';
  if (attributes?.get('subm') === true) return 'flat';
  const stride = numbersOf(attributes?.get('stride'), reading.kernel.length);
  if (stride !== null) return stride.every((step) => step === 1) ? 'flat' : 'plain';
  return choice === 'spconv2' ? 'flat' : 'unknown';
}
