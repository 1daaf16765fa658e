import { basename, dirname, extname, join } from 'node:path';

/** Endings of more than one part, which an output's name keeps whole. */
const compoundExtensions = ['.safetensors.index.json', '.bin.index.json', '.pth.tar'];

/** Default output of a fuse: `<name>.fused.<ext>` beside the model. */
export function defaultOutputPath(modelPath: string): string {
  const name = basename(modelPath);
  const extension =
    compoundExtensions.find((ending) => name.toLowerCase().endsWith(ending)) ?? extname(name);
  const stem = name.slice(0, name.length - extension.length);
  return join(dirname(modelPath), `${stem}.fused${name.slice(stem.length)}`);
}
