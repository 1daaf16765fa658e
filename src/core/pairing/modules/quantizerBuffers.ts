import { outAxis, type ConvLayer } from '../../model/layer';
import type { QuantizerBuffer } from '../../model/pair';
import { reason, type Reason } from '../../model/reason';
import { elementCount } from '../../model/tensor';
import { isSparseClass } from './classNames';
import type { ModuleNode } from './moduleNode';

/** What a convolution's quantizers mean for a fold (FOLDING.md 34 and 54). */
export interface Quantizers {
  readonly buffers: readonly QuantizerBuffer[];
  readonly reasons: readonly Reason[];
}

const weightQuantizerName = /^_?weight_quantizer$/;

/** The amax buffers of the quantizers that a convolution holds for its weight. Those of its input do not change. */
export function quantizerBuffers(node: ModuleNode, conv: ConvLayer): Quantizers {
  const buffers: QuantizerBuffer[] = [];
  const reasons: Reason[] = [];
  for (const quantizer of node.children) {
    const amax = quantizer.module?.tensors.get('_amax');
    if (!weightQuantizerName.test(quantizer.name) || amax === undefined) continue;
    const granularity = isPerChannel(amax.shape, conv) ? 'channel' : 'tensor';
    buffers.push({ tensor: amax, granularity });
    reasons.push(reason(granularity === 'channel' ? 'AMAX_RESCALED' : 'AMAX_STALE', amax.name));
    if (mayHoldRoundedWeights(node, quantizer)) {
      reasons.push(reason('WEIGHTS_FAKE_QUANTIZED', conv.name));
    }
  }
  return { buffers, reasons };
}

/** One value per output channel, on the axis where the weight keeps them (or flat). */
function isPerChannel(shape: readonly number[], conv: ConvLayer): boolean {
  if (elementCount(shape) !== conv.outChannels || conv.outChannels <= 1) return false;
  const axis = outAxis(conv.layout, shape.length);
  return shape.length === 1 || (axis !== null && shape[axis] === conv.outChannels);
}

/**
 * NVIDIA's quantized sparse convolution writes the rounded weight back each time it runs with its quantizer enabled;
 * a state_dict does not say whether it was, a pickled quantizer does.
 */
function mayHoldRoundedWeights(conv: ModuleNode, quantizer: ModuleNode): boolean {
  const rank = conv.module?.tensors.get('weight')?.shape.length;
  const className = conv.className;
  const isSparse = className === null ? rank === 5 : isSparseClass(className);
  const disabled = quantizer.module?.attributes?.get('_disabled');
  return isSparse && disabled !== true;
}
