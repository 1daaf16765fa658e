import { basename, dirname, extname, join } from 'node:path';
import { defaultSettings } from '../../protocol/settings';

/**
 * Where a fused model goes by the setting `fusebn.outputName`; null for the default, which the engine names
 * (it knows the names of formats with several files). The result never is the model itself.
 */
export function outputPath(modelPath: string, outputName: string): string | null {
  if (outputName === defaultSettings.outputName) return null;
  const extension = extname(modelPath);
  const name = outputName
    .replaceAll('${fileBasenameNoExtension}', basename(modelPath, extension))
    .replaceAll('${fileExtname}', extension);
  return name === basename(modelPath) ? null : join(dirname(modelPath), name);
}
