import type { Testimony } from '../../core/statistics/testify';

/**
 * A testimony as it came back from the disk, or null for anything else. Whoever calls has checked the hash of the
 * bytes and that this very build wrote them, so only the outline is looked at.
 */
export function decodeTestimony(value: unknown): Testimony | null {
  if (typeof value !== 'object' || value === null) return null;
  const { pairing, summary, scatters } = value as Partial<Testimony>;
  if (pairing === undefined || summary === undefined || scatters === undefined) return null;
  return Array.isArray(pairing.pairs) && scatters instanceof Map
    ? { pairing, summary, scatters }
    : null;
}
