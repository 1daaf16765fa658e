import { isBatchNormClass } from '../../listing/printout/layerClasses';
import type { Module } from '../../model/network';
import type { Problem } from '../../model/pair';

/** Says why a network of classes without a BatchNorm has nothing to fold, by what the recipe leaves behind. */
export function foldedAlready(modules: readonly Module[]): Problem[] {
  if (modules.some(({ className }) => isBatchNormClass(className))) return [];
  const quantized = modules.filter(
    ({ className }) => /Q(uan|una)t/.test(className ?? '') && hasConvName(className),
  );
  const classes = [...new Set(quantized.map(({ className }) => className))].join(', ');
  if (quantized.length > 0) {
    return [
      info(
        `Already folded: no BatchNorm is left, and ${quantized.length} convolutions are quantized (${classes}), which is done after folding.`,
      ),
    ];
  }
  if (hasIdentityBehindConvolution(modules)) {
    return [
      info('Already folded: no BatchNorm is left, and an Identity stands behind convolutions.'),
    ];
  }
  return [
    info('There is no BatchNorm in this network: nothing to fold, or all is folded already.'),
  ];
}

/** Names of BatchNorms, and places in a Sequential; an Identity of another name may stand for a dropout. */
const nameOfNorm = /bn|norm|^\d+$/i;

/** Whether an Identity stands right behind a convolution in some block, where a BatchNorm usually does. */
function hasIdentityBehindConvolution(modules: readonly Module[]): boolean {
  const siblingBefore = new Map<string, string | null>();
  return modules.some(({ path, className }) => {
    if (/Quantizer$/.test(className ?? '')) return false;
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
    const before = siblingBefore.get(parent) ?? null;
    siblingBefore.set(parent, className);
    const name = path.slice(path.lastIndexOf('.') + 1);
    return className === 'Identity' && nameOfNorm.test(name) && hasConvName(before);
  });
}

function hasConvName(className: string | null): boolean {
  return /Conv/.test(className ?? '');
}

function info(message: string): Problem {
  return { severity: 'info', message };
}
