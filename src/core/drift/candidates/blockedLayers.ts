import type { ConvLayer } from '../../model/layer';
import type { GraphNode } from '../../model/network';
import type { OpenedModel } from '../../model/openedModel';
import { elementCount, isFloatDType } from '../../model/tensor';
import { numberAttribute } from '../../pairing/graph/attributes';
import type { Scope } from '../../pairing/graph/graphIndex';
import { readParameter } from '../../pairing/graph/parameter';
import type { FoldedLayer } from '../isolated';
import type { CandidateLayer } from './candidateLayer';

// ONNX Runtime's optimizer, at its highest level, which is its default, lays convolutions out for the processor it
// runs on: channels in blocks, the last block filled up with zeros (onnxruntime/core/mlas, "NCHWc"). The file says
// neither the size of a block nor how many channels are real, so every reading that the references allow is offered.

/** Channels of a block, by processor: AVX-512 and ARM, then AVX. */
const BLOCK_SIZES = [16, 8];

const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** What a blocked weight is taken for. */
interface Reading {
  readonly block: number;
  /** Input channels are in blocks as well; few of them, or one a group, stay as they are. */
  readonly areInputsBlocked: boolean;
  readonly channels: number;
  readonly inputs: number;
  readonly groups: number;
}

/** Whether a node is a convolution in ONNX Runtime's blocked layout. */
export function isBlockedConvolution({ opType, domain }: GraphNode): boolean {
  return opType === 'Conv' && domain === BLOCKED_DOMAIN;
}

/** A blocked convolution in every reading that makes it as large as one of `references`. */
export function blockedLayers(
  model: OpenedModel,
  scope: Scope,
  node: GraphNode,
  references: readonly ConvLayer[],
): readonly CandidateLayer[] {
  const weight = readParameter(scope, node, 1)?.tensor;
  const bias = readParameter(scope, node, 2)?.tensor;
  const isReadable = weight?.location.kind !== 'absent' && bias?.location.kind !== 'absent';
  if (weight?.shape.length !== 4 || !isReadable || !isFloatDType(weight.dtype)) return [];
  const { dtype } = weight;
  const group = numberAttribute(node, 'group', 1) ?? 1;
  return readings(weight.shape, group, references).map((reading) => ({
    name: node.name,
    channelBlock: reading.block,
    read: (): FoldedLayer | null => {
      const { channels, inputs, groups } = reading;
      const taps = elementCount(weight.shape.slice(2));
      const values = unblocked(model.readValues(weight), taps, reading);
      if (values === null) return null;
      return {
        weight: { channels, reduction: inputs * taps, taps, groups, values },
        bias: bias === undefined ? null : model.readValues(bias).slice(0, channels),
        dtype,
      };
    },
  }));
}

function readings(
  [blockedOut = 0, blockedIn = 0, ...kernel]: readonly number[],
  groups: number,
  references: readonly ConvLayer[],
): readonly Reading[] {
  const found = references
    .filter((layer) => layer.kernel.join() === kernel.join())
    .flatMap((layer) =>
      BLOCK_SIZES.flatMap((block): readonly Reading[] => {
        const { outChannels: channels } = layer;
        const inputs = layer.inChannels / layer.groups;
        const isDepthwise = layer.groups > 1 && inputs === 1;
        const areInputsBlocked = layer.groups === 1 ? inputs >= block : !isDepthwise;
        const fits =
          filledUp(channels, block) === blockedOut &&
          (areInputsBlocked ? filledUp(inputs, block) : inputs) === blockedIn &&
          (isDepthwise ? filledUp(layer.groups, block) : layer.groups) === groups;
        return fits ? [{ block, areInputsBlocked, channels, inputs, groups: layer.groups }] : [];
      }),
    );
  return [...new Map(found.map((reading) => [Object.values(reading).join(), reading])).values()];
}

function filledUp(channels: number, block: number): number {
  return Math.ceil(channels / block) * block;
}

/** The weight as [channels, inputs, taps], or null where a value that fills a block up is not zero. */
function unblocked(
  stored: Float64Array,
  taps: number,
  { block, areInputsBlocked, channels, inputs }: Reading,
): Float64Array | null {
  const inputBlock = areInputsBlocked ? block : 1;
  const inputBlocks = Math.ceil(inputs / inputBlock);
  const values = new Float64Array(channels * inputs * taps);
  for (let from = 0; from < stored.length; from++) {
    // [channels / block, inputs / inputBlock, taps, inputBlock, block], row-major.
    let rest = Math.floor(from / block);
    const inputInBlock = rest % inputBlock;
    rest = Math.floor(rest / inputBlock);
    const tap = rest % taps;
    rest = Math.floor(rest / taps);
    const input = (rest % inputBlocks) * inputBlock + inputInBlock;
    const channel = Math.floor(rest / inputBlocks) * block + (from % block);
    if (channel < channels && input < inputs) {
      values[(channel * inputs + input) * taps + tap] = stored[from] ?? NaN;
    } else if (stored[from] !== 0) return null;
  }
  return values;
}
