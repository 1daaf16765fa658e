import type { Decoded } from '../schema';

/** Domain → version; `ai.onnx` is the long name of the default domain. */
export function readOpsets(imports: Decoded['Model']['opsetImport']): ReadonlyMap<string, number> {
  return new Map(imports.map(({ domain, version }) => [normalDomain(domain), version ?? 1]));
}

/** The default domain has one name here, however the file writes it. */
export function normalDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}
