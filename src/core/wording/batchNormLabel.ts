import { layerLabel } from './layerLabel';
import { relativeName } from './relativeName';

/**
 * A pair's BatchNorm as it is called beside its convolution: `bn1` for `layer1.0.bn1` beside `layer1.0.conv1`. A
 * bare number keeps its parent's name: `downsample.1`.
 */
export function batchNormLabel(pair: {
  readonly conv: { readonly name: string; readonly type: string };
  readonly bn: { readonly name: string; readonly type: string };
}): string {
  const name = layerLabel(pair.bn.name, pair.bn.type);
  const label = relativeName(name, layerLabel(pair.conv.name, pair.conv.type));
  if (!/^\d+$/.test(label)) return label;
  return /[^./]+[./]\d+$/.exec(name)?.[0] ?? label;
}
