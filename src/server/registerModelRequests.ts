import type { Connection, TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { jobProgress, type JobProgress } from '../protocol/engine';
import {
  choosePairsNotification,
  closeModelNotification,
  fuseModelRequest,
  listingRequest,
  locateRequest,
  modelChangedNotification,
  modelSurroundingsRequest,
  openModelNotification,
  pairAtRequest,
  pairDetailsRequest,
  type LayerLocation,
  type PairAddress,
} from '../protocol/lsp';
import { pairingParams, type Settings } from '../protocol/settings';
import { RequestError } from '../core/errors';
import type { DocumentViews } from './documentViews';
import type { Engine } from './engines';
import { errorReply } from './errorReply';
import { innermostPlace, pairsOf } from './listingView';
import type { ModelStore } from './modelStore';
import { pairDetails } from './wording/pairDetails';
import { withoutReply } from './withoutReply';
import { parseListingUri } from '../protocol/listingUri';

export interface ModelServices {
  readonly store: ModelStore;
  readonly views: DocumentViews;
  readonly engine: Engine;
  readonly documents: TextDocuments<TextDocument>;
  readonly settingsOf: (path: string) => Promise<Settings>;
}

/** Serves the host's own requests: opening models, listings, fusing. */
export function registerModelRequests(connection: Connection, services: ModelServices): void {
  const { store, views, engine, documents, settingsOf } = services;

  connection.onNotification(openModelNotification, ({ path }) => store.open(path));
  connection.onNotification(modelChangedNotification, ({ path }) => store.changed(path));
  connection.onNotification(choosePairsNotification, ({ path, only }) => {
    store.choose(path, only);
  });
  connection.onNotification(closeModelNotification, ({ path }) => {
    store.close(path);
  });

  connection.onRequest(listingRequest, async ({ uri }) => {
    const address = parseListingUri(uri);
    if (address === null) throw new RequestError('LISTING_UNKNOWN', `${uri} is no listing`);
    const { modelPath, variant } = address;
    const question = store.ask(modelPath, (reading) => reading.listing(variant));
    const { language, text } = await question.catch(replyWithError);
    return { language, text };
  });

  connection.onRequest(locateRequest, async ({ uri, name }): Promise<LayerLocation | null> => {
    const document = documents.get(uri);
    const view = await (document === undefined ? views.listing(uri) : views.view(document));
    const place = view?.placeByName.get(name);
    return place === undefined
      ? null
      : { line: place.line, column: place.column, length: place.length };
  });

  connection.onRequest(pairAtRequest, async ({ uri, line }): Promise<PairAddress | null> => {
    const document = documents.get(uri);
    const view = document === undefined ? null : await views.view(document).catch(() => null);
    const place = view === null ? undefined : innermostPlace(view, line);
    const pair = view === null || place === undefined ? undefined : pairsOf(view, place)[0];
    if (pair === undefined || !view?.modelPath) return null;
    return { path: view.modelPath, id: pair.id };
  });

  connection.onRequest(pairDetailsRequest, async ({ path, id }) => {
    const report = await store.ask(path, (reading) => reading.report()).catch(replyWithError);
    const pair = report.pairs.find((candidate) => candidate.id === id);
    return pair === undefined ? null : pairDetails(pair, path);
  });

  connection.onRequest(modelSurroundingsRequest, ({ path, id }, token) =>
    store.ask(path, (reading) => reading.surroundings(id, token)).catch(replyWithError),
  );

  connection.onRequest(fuseModelRequest, async ({ progressToken, ...params }, token) => {
    const settings = await settingsOf(params.path);
    const onProgress = (progress: JobProgress): void => {
      if (progressToken === undefined) return;
      withoutReply(connection.sendProgress(jobProgress, progressToken, progress));
    };
    const job = { ...params, ...pairingParams(settings, true) };
    return engine.fuse(job, { token, onProgress }).catch(replyWithError);
  });

  documents.onDidClose(({ document }) => {
    const address = parseListingUri(document.uri);
    if (address !== null) store.release(address.modelPath);
  });
}

function replyWithError(error: unknown): never {
  throw errorReply(error);
}
