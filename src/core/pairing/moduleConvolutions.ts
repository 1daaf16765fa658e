import type { ConvLayer, WeightLayout } from '../model/layer';
import type { Module } from '../model/network';
import type { Pairing } from '../model/pair';
import { elementCount, type Tensor } from '../model/tensor';

/**
 * Every convolution and linear layer among modules in their order, those without a BatchNorm included. A checkpoint
 * does not say how its weights are laid out; each is read as the first of `likely` that has its shape, or, in another
 * layout, its channels and size.
 */
export function moduleConvolutions(
  modules: readonly Module[],
  pairing: Pairing,
  likely: readonly ConvLayer[],
): ConvLayer[] {
  const paired = new Map(pairing.pairs.map(({ conv }) => [conv.name, conv]));
  return modules.flatMap(({ path, className, tensors }) => {
    const weight = tensors.get('weight');
    if (weight === undefined || weight.shape.length < 2) return [];
    const known = paired.get(path);
    if (known !== undefined) return [known];
    const model = likely.find((layer) => readsAs(weight, layer, layer.layout) !== null);
    const sameLayout = model && readsAs(weight, model, model.layout);
    const layout = sameLayout ?? otherLayout(weight, likely);
    if (layout === null) return [];
    const twin = model ?? likely.find((layer) => readsAs(weight, layer, layout) !== null);
    if (twin === undefined) return [];
    const { groups, inChannels, outChannels, kernel } = twin;
    const bias = tensors.get('bias') ?? null;
    const type = className ?? twin.type;
    return [{ name: path, type, weight, bias, layout, groups, inChannels, outChannels, kernel }];
  });
}

/** `layout` when the weight has that layer's shape in it, else null. */
function readsAs(weight: Tensor, layer: ConvLayer, layout: WeightLayout): WeightLayout | null {
  const isSame =
    layout === layer.layout
      ? weight.shape.join() === layer.weight.shape.join()
      : elementCount(weight.shape) === elementCount(layer.weight.shape) &&
        outChannelsIn(weight, layout) === layer.outChannels;
  return isSame ? layout : null;
}

function otherLayout(weight: Tensor, likely: readonly ConvLayer[]): WeightLayout | null {
  const layouts: readonly WeightLayout[] =
    weight.shape.length >= 4 ? ['O*I', '*IO', 'OI*'] : ['OI*'];
  return layouts.find((layout) => likely.some((layer) => readsAs(weight, layer, layout))) ?? null;
}

function outChannelsIn(weight: Tensor, layout: WeightLayout): number | undefined {
  return layout === '*IO' ? weight.shape.at(-1) : weight.shape[0];
}
