import { URI } from 'vscode-uri';

/** Scheme of the virtual documents that hold listings. */
export const LISTING_SCHEME = 'fusebn-structure';

/** Which network a listing shows: the model as it is, or as it would be after fusing. */
export type ListingVariant = 'original' | 'fused';

export interface ListingAddress {
  /** Absolute path of the model file. */
  readonly modelPath: string;
  readonly variant: ListingVariant;
}

/** The suffix makes the editor's tab readable, and `package.json` finds the language by it. */
const suffixes: Readonly<Record<ListingVariant, string>> = {
  original: ' (structure)',
  fused: ' (fused)',
};

/** Address of a model's listing, as a URI string. */
export function listingUri({ modelPath, variant }: ListingAddress): string {
  const file = URI.file(modelPath);
  return file.with({ scheme: LISTING_SCHEME, path: file.path + suffixes[variant] }).toString();
}

/** What a URI addresses, or null when it is no listing's. */
export function parseListingUri(uri: string): ListingAddress | null {
  const parsed = URI.parse(uri);
  if (parsed.scheme !== LISTING_SCHEME) return null;
  const variants: readonly ListingVariant[] = ['original', 'fused'];
  const variant = variants.find((candidate) => parsed.path.endsWith(suffixes[candidate]));
  if (variant === undefined) return null;
  const path = parsed.path.slice(0, -suffixes[variant].length);
  return { modelPath: parsed.with({ scheme: 'file', path }).fsPath, variant };
}
