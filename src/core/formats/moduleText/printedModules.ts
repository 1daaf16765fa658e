import { parseArguments } from '../../listing/printout/printedArguments';
import {
  childPath,
  keysOf,
  type PrintedModule,
  type Printout,
} from '../../listing/printout/printout';
import type { Module, ModuleAttribute } from '../../model/network';
import { contiguousStrides, type Tensor } from '../../model/tensor';
import { printedShapes } from './printedShapes';
import { typedArguments, type PrintedLayer } from './typedArguments';

/**
 * The modules of a printout, parents before children, repeats (`(0-3): 4 x Block(`) written out.
 *
 * A module from text holds what the text says and nothing else:
 * - `className` is the printed class without its package; for TorchScript's `RecursiveScriptModule` it is the
 *   `original_name`. `classModule` and `version` are null.
 * - `attributes` are the printed arguments by name. The bare leading ones get their PyTorch names (`in_channels`,
 *   `out_channels`, `num_features`). A convolution with arguments also has those that PyTorch leaves out when they
 *   are the default (`padding`, `dilation`, `output_padding`, `groups`, `padding_mode`); `SubMConv3d()` has none.
 *   `eps` is there only where it is printed; `training` never is.
 * - `tensors` are all absent ones of dtype f32, with the shapes that the arguments tell:
 *   - a convolution with arguments: `weight`, and `bias` unless `bias=False` is printed. Sparse convolutions print
 *     arguments under spconv 2 only, so their weight is `[out, k…, in]`;
 *   - a sparse convolution without arguments (spconv 1): `weight` of shape `[]`, which stands for "unknown", and no
 *     `bias`, since the text does not tell;
 *   - Linear: `weight`, and `bias` where `bias=True` is printed;
 *   - any BatchNorm with its channels printed: `weight` and `bias` unless `affine=False`; `running_mean`,
 *     `running_var` and (but for frozen ones) `num_batches_tracked` unless `track_running_stats=False`;
 *   - `TensorQuantizer` with a calibrated amax: `_amax`, `[]` per tensor, or with the channels on the printed axis;
 *   - a parametrized layer has no `weight`; `parametrizations.weight` below it holds `original0` of shape `[]`.
 */
export function printedModules(printout: Printout): Module[] {
  const modules: Module[] = [];
  printout.roots.forEach((root, idx) => {
    const dict = printout.rootPaths[idx] ?? '';
    collect(printout.text, root, { dict, path: dict, parent: null }, modules);
  });
  return modules;
}

interface Place {
  readonly dict: string;
  /** Path of the parent. */
  readonly path: string;
  readonly parent: PrintedLayer | null;
}

function collect(text: string, printed: PrintedModule, place: Place, into: Module[]): void {
  const layer = typedArguments(printed.className, parseArguments(text, printed.extras));
  for (const key of keysOf(printed)) {
    const path = childPath(place.path, key);
    if (printed.className !== '') into.push(moduleOf(layer, path, place));
    for (const child of printed.children) {
      collect(text, child, { dict: place.dict, path, parent: layer }, into);
    }
  }
}

function moduleOf(layer: PrintedLayer, path: string, { dict, parent }: Place): Module {
  const shapes = printedShapes(layer, path, parent);
  return {
    dict,
    path,
    className: layer.className,
    classModule: null,
    tensors: new Map(shapes.map(([leaf, shape]) => [leaf, absent(childPath(path, leaf), shape)])),
    attributes: new Map<string, ModuleAttribute>(layer.attributes),
    version: null,
  };
}

function absent(name: string, shape: readonly number[]): Tensor {
  return {
    name,
    dtype: name.endsWith('num_batches_tracked') ? 'i64' : 'f32',
    shape,
    strides: contiguousStrides(shape),
    location: { kind: 'absent' },
  };
}
