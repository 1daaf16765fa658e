import type { FormatId, FoldMode } from '../../core/model/openedModel';

/** Why no loader was written although one was asked for, in one sentence. */
export function noLoaderNote(format: FormatId, mode: FoldMode): string {
  switch (format) {
    case 'onnx':
    case 'module-text':
      return 'No loader was written: only checkpoints of PyTorch have use for one.';
    case 'torchscript':
    case 'torch-export':
      return 'No loader was written: a program brings its own code, which loads as before.';
    case 'torch-module':
      if (mode === 'fold') {
        return 'No loader was written: a network saved whole brings its changes with it.';
      }
      break;
    default:
      break;
  }
  return 'No loader was written: a drop-in checkpoint loads as the original does.';
}
