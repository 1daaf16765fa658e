import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { parseListingUri } from '../protocol/listingUri';
import type { Settings } from '../protocol/settings';
import { listingView, type ListingView } from './listingView';
import type { ModelStore } from './modelStore';
import { textView } from './textView';

/** Finds what is known of a document: a model's listing, or a text file with a printed network in it. */
export class DocumentViews {
  /** Views of text, by URI, as long as version and settings stay. */
  private readonly textViews = new Map<string, { version: number; view: ListingView }>();

  constructor(
    private readonly store: ModelStore,
    private readonly settingsOf: (path: string) => Promise<Settings>,
  ) {}

  /** @throws what the engine throws, when the model cannot be read. */
  async view(document: TextDocument): Promise<ListingView> {
    return (await this.listing(document.uri)) ?? this.text(document);
  }

  /** The view of a virtual listing, whether it is open or not; null for other URIs. */
  async listing(uri: string): Promise<ListingView | null> {
    const address = parseListingUri(uri);
    if (address === null) return null;
    const { modelPath, variant } = address;
    return this.store.ask(modelPath, async (reading) => {
      const [listing, report] = await Promise.all([reading.listing(variant), reading.report()]);
      return listingView(listing, report, address);
    });
  }

  forget(uri: string): void {
    this.textViews.delete(uri);
  }

  forgetAll(): void {
    this.textViews.clear();
  }

  private async text(document: TextDocument): Promise<ListingView> {
    const known = this.textViews.get(document.uri);
    if (known?.version === document.version) return known.view;
    const uri = URI.parse(document.uri);
    const modelPath = uri.scheme === 'file' ? uri.fsPath : null;
    const settings = await this.settingsOf(modelPath ?? '');
    const view = textView(document.getText(), modelPath, settings);
    this.textViews.set(document.uri, { version: document.version, view });
    return view;
  }
}
