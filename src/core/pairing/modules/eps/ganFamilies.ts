import type { EpsFamily, LayerMark } from './epsFamilies';

/**
 * eriklindernoren/PyTorch-GAN writes `BatchNorm2d(128, 0.8)`: Keras's momentum in the place of eps. Its networks are
 * copied by the thousand, names, widths and value alike.
 */
const KERAS_MOMENTUM = 0.8;

/** A layer by path and weight; null stands for any extent. */
function layer(path: RegExp, ...extents: readonly (number | null)[]): LayerMark {
  const shape = (weight: readonly number[]): boolean =>
    weight.length === extents.length &&
    weight.every((extent, i) => extents[i] === null || extents[i] === extent);
  return { path, shape };
}

/** The linear layer in front, from a latent vector to the first channels of a small image: far wider than deep. */
const fromLatent: LayerMark = {
  path: /(^|\.)(l1|fc|linear|input)(\.0)?$/,
  shape: ([out = 0, latent = 0, ...kernel]) =>
    kernel.length === 0 && latent > 0 && out >= MIN_WIDENING * latent,
};
const MIN_WIDENING = 4;

/** Generators whose names and widths are those of PyTorch-GAN. */
export const ganFamilies: readonly EpsFamily[] = [
  // dcgan, infogan, acgan, sgan, dragan, began, relativistic_gan; the first BatchNorm has PyTorch's eps.
  {
    marks: [
      fromLatent,
      layer(/(^|\.)conv_blocks\.0$/, 128),
      layer(/(^|\.)conv_blocks\.2$/, 128, 128, 3, 3),
      layer(/(^|\.)conv_blocks\.6$/, 64, 128, 3, 3),
      layer(/(^|\.)conv_blocks\.9$/, null, 64, 3, 3),
    ],
    norms: /(^|\.)conv_blocks\.[37]$/,
    eps: KERAS_MOMENTUM,
  },
  // lsgan and ebgan.
  {
    marks: [
      fromLatent,
      layer(/(^|\.)conv_blocks\.1$/, 128, 128, 3, 3),
      layer(/(^|\.)conv_blocks\.5$/, 64, 128, 3, 3),
      layer(/(^|\.)conv_blocks\.8$/, null, 64, 3, 3),
    ],
    norms: /(^|\.)conv_blocks\.[26]$/,
    eps: KERAS_MOMENTUM,
  },
];

/**
 * Networks that may be PyTorch-GAN's and may as well have PyTorch's eps: others use the same names, and copies were
 * mended. They keep the usual value, and what the other one would change is told.
 */
export const ganSuspicions: readonly EpsFamily[] = [
  // gan, wgan, wgan_gp, cgan: linear layers, of which the first alone has no BatchNorm.
  {
    marks: [
      layer(/(^|\.)(model|main|net)\.0$/, null, null),
      layer(/(^|\.)(model|main|net)\.2$/, null, null),
      layer(/(^|\.)(model|main|net)\.3$/, null),
    ],
    norms: /(^|\.)(model|main|net)\.\d+$/,
    eps: KERAS_MOMENTUM,
  },
  // Convolutional generators of other names or widths.
  {
    marks: [fromLatent, layer(/(^|\.)conv_\w+\.\d+$/, null, null, null, null)],
    norms: /(^|\.)conv_\w+\.\d+$/,
    eps: KERAS_MOMENTUM,
  },
  // srgan.
  {
    marks: [{ path: /(^|\.)res_blocks\.0\.conv_block\.4$/ }, { path: /(^|\.)conv2\.1$/ }],
    norms: /(^|\.)(res_blocks\.\d+\.conv_block\.[14]|conv2\.1)$/,
    eps: KERAS_MOMENTUM,
  },
];
