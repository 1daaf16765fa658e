import type { EpsSource } from '../../../model/layer';
import type { ModuleNetwork } from '../../../model/network';
import { userEps, type PairingOptions } from '../../pairingOptions';
import type { ModuleNode } from '../moduleNode';
import { configEps } from './configEps';
import { familyEps } from './familyEps';

export interface Eps {
  readonly value: number;
  readonly source: EpsSource;
  /** Another value that is likely by the layer's name; null for none but the usual ones. */
  readonly rival: number | null;
}

/** PyTorch's default, assumed when nothing says otherwise. */
const DEFAULT_EPS = 1e-5;
/** spconv encoders of mmdet3d, OpenPCDet and det3d all use this value. */
const SPARSE_EPS = 1e-3;

/**
 * eps of a file's BatchNorms from the best source there is (DESIGN.md section 4). `epsInFile` answers for modules
 * whose eps the file itself keeps, so that a value from the listing given beside it is told apart.
 */
export function epsResolver(
  network: ModuleNetwork,
  options: PairingOptions,
  epsInFile: ReadonlySet<string>,
): (norm: ModuleNode, isSparse: boolean) => Eps {
  const fromConfig = configEps(network.config);
  const fromFamily = familyEps(network.modules);
  return (norm, isSparse) => {
    const byUser = userEps(options, norm.path);
    if (byUser !== null) return surely(byUser, 'user');
    const written = norm.module?.attributes?.get('eps');
    if (typeof written === 'number') {
      return surely(written, epsInFile.has(norm.path) ? 'module' : 'structure');
    }
    const configured = fromConfig(norm.path);
    if (configured !== null) return surely(configured, 'config');
    const known = fromFamily.known(norm.path);
    if (known !== null) return surely(known, 'family');
    if (isSparse) return surely(SPARSE_EPS, 'family');
    return { value: DEFAULT_EPS, source: 'default', rival: fromFamily.suspected(norm.path) };
  };
}

/** An eps that no name speaks against. */
function surely(value: number, source: EpsSource): Eps {
  return { value, source, rival: null };
}
