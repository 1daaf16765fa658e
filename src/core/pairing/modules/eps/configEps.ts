import { isConfigDict, parsePythonConfig, type ConfigDict } from './pythonConfig';

/** eps that a config gives to the BatchNorms of one part of the model; null when it does not say. */
export type ConfigEps = (normPath: string) => number | null;

/** PyTorch's own default, which a `norm_cfg` without eps leaves in place. */
const TORCH_EPS = 1e-5;

/** Values of mmdet3d's types where the config names the type and no `norm_cfg` (their signatures' defaults). */
const epsByType: ReadonlyMap<string, number> = new Map([
  ['SparseEncoder', 1e-3],
  ['BEVFusionSparseEncoder', 1e-3],
  ['SparseEncoderSASSD', 1e-3],
  ['SparseUNet', 1e-3],
  ['SECOND', 1e-3],
  ['GeneralSECOND', 1e-3],
  ['SECONDFPN', 1e-3],
  ['GeneralizedLSSFPN', TORCH_EPS],
  ['PillarFeatureNet', 1e-3],
  ['DynamicPillarFeatureNet', 1e-3],
  ['HardVFE', 1e-3],
  ['DynamicVFE', 1e-3],
  ['ResNet', TORCH_EPS],
  ['FPN', TORCH_EPS],
]);

/**
 * eps by BatchNorm from the text of an mmcv config: the model's parts have the names of the config's dicts
 * (`encoders.lidar.backbone`), and the innermost dict on the way to a BatchNorm that has a `norm_cfg` decides.
 */
export function configEps(text: string | null): ConfigEps {
  if (text === null) return () => null;
  const config = parsePythonConfig(text);
  const model = config.get('model');
  if (!isConfigDict(model)) return () => null;
  return (normPath) => epsAt(model, normPath.split('.'));
}

function epsAt(model: ConfigDict, path: readonly string[]): number | null {
  // Wrappers (`module.`, `model.`) come before the model's own parts.
  const from = path.findIndex((name) => isConfigDict(model.get(name)));
  if (from < 0) return null;
  let part = model;
  let eps: number | null = null;
  for (const name of path.slice(from)) {
    const next = part.get(name);
    if (!isConfigDict(next)) break;
    part = next;
    eps = epsOfPart(part) ?? eps;
  }
  return eps;
}

function epsOfPart(part: ConfigDict): number | null {
  const normConfig = part.get('norm_cfg');
  if (isConfigDict(normConfig)) {
    const eps = Number(normConfig.get('eps') ?? TORCH_EPS);
    return Number.isFinite(eps) && eps >= 0 ? eps : null;
  }
  const type = part.get('type');
  return typeof type === 'string' ? (epsByType.get(type) ?? null) : null;
}
