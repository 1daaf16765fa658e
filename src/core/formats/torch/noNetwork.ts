import type { ModuleNetwork } from '../../model/network';
import type { Problem } from '../../model/pair';

/** Says what is in a file in the place of a network, for a file without one. */
export function noNetwork({ modules }: ModuleNetwork, globals: ReadonlySet<string>): Problem[] {
  if (modules.length > 0) return [];
  const hasArrays = [...globals].some((name) => /^numpy\..*\._reconstruct$/.test(name));
  const message = hasArrays
    ? 'The file holds arrays of NumPy and no tensors: turn them into tensors with torch.from_numpy and save those.'
    : 'The file holds no tensors of a network.';
  return [{ severity: 'info', message }];
}
