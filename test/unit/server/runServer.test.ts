import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { createConnection } from 'vscode-languageserver/node';
import {
  CodeLensRequest,
  ConfigurationRequest,
  createProtocolConnection,
  DidOpenTextDocumentNotification,
  InitializedNotification,
  RegistrationRequest,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type InitializeResult,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';
import { EngineError } from '../../../src/engine/engineError';
import { listingUri } from '../../../src/protocol/listingUri';
import {
  fuseModelRequest,
  listingRequest,
  modelStateNotification,
  modelSurroundingsRequest,
  openModelNotification,
  pairDetailsRequest,
  type ModelState,
} from '../../../src/protocol/lsp';
import type { Engine, MeasuringEngine } from '../../../src/server/engines';
import { runServer } from '../../../src/server/runServer';
import { inspectReport, pairReport } from '../../support/reports';
import { place } from './listingFixture';

const path = '/models/net.onnx';
const uri = listingUri({ modelPath: path, variant: 'original' });
const listing = {
  language: 'onnx-text',
  text: '["stem"] Conv\n',
  places: [place('stem', 0)],
} as const;

/** An engine that knows one model, and refuses to write or to measure. */
const refusal = new EngineError('OUTPUT_EXISTS', 'net.fused.onnx exists already.');
const engine: Engine & MeasuringEngine = {
  inspect: () => Promise.resolve(inspectReport([pairReport({ id: 'stem' })])),
  structure: () => Promise.resolve(listing),
  fuse: () => Promise.reject(refusal),
  statisticsPicture: () => Promise.resolve(null),
  surroundings: () => Promise.resolve({ layers: [], connections: [] }),
  drift: () => Promise.reject(refusal),
  driftDetail: () => Promise.reject(refusal),
  dispose: () => undefined,
};

let client: ProtocolConnection;

before(async () => {
  const up = new PassThrough();
  const down = new PassThrough();
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  runServer(server, { foreground: engine, background: engine, measuring: engine });
  server.listen();
  client = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  client.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => ({})));
  client.onRequest(RegistrationRequest.type, () => undefined);
  client.listen();
  const { capabilities } = await client.sendRequest<InitializeResult>('initialize', {
    processId: null,
    capabilities: { workspace: { configuration: true } },
    initializationOptions: { translations: { fusable: '可融合', '{0} fusable': '{0} 个可融合' } },
  });
  assert.ok(capabilities.codeLensProvider);
  await client.sendNotification(InitializedNotification.type, {});
});

after(() => {
  client.dispose();
});

test('an opened model goes from reading to ready', async () => {
  const states: ModelState[] = [];
  const isReady = new Promise<void>((resolve) => {
    client.onNotification(modelStateNotification, ({ state }) => {
      states.push(state);
      if (state.kind === 'ready') resolve();
    });
  });
  await client.sendNotification(openModelNotification, { path });
  await isReady;
  assert.deepEqual(
    states.map(({ kind }) => kind),
    ['reading', 'ready'],
  );
});

test('a listing and its lenses come in the language of the user', async () => {
  const { text, language } = await client.sendRequest(listingRequest, { uri });
  assert.deepEqual([text, language], [listing.text, listing.language]);
  await client.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId: language, version: 1, text },
  });
  const lenses = await client.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
  const titles = lenses?.map(({ command }) => command?.title ?? '') ?? [];
  assert.equal(titles[0], '1 个可融合');
  assert.ok(titles.some((title) => title.includes('可融合 · Conv 4→8 3×3')));
});

test('the details of a pair are found by its id', async () => {
  const details = await client.sendRequest(pairDetailsRequest, { path, id: 'stem' });
  assert.match(details ?? '', /Conv 4→8 3×3/);
  assert.equal(await client.sendRequest(pairDetailsRequest, { path, id: 'other' }), null);
});

test('the layers around a pair come from the engine, and none for an unknown pair', async () => {
  const found = await client.sendRequest(modelSurroundingsRequest, { path, id: 'stem' });
  assert.deepEqual(found, { layers: [], connections: [] });
  assert.equal(await client.sendRequest(modelSurroundingsRequest, { path, id: 'other' }), null);
});

test('an error of the engine arrives with its code and its sentence', async () => {
  const job = { path, output: null, only: null, skip: [], mode: 'fold', loader: false } as const;
  await assert.rejects(
    client.sendRequest(fuseModelRequest, { ...job, overwrite: false }),
    (error: unknown) => {
      assert.ok(error instanceof ResponseError);
      assert.equal(error.message, 'net.fused.onnx exists already.');
      assert.deepEqual(error.data, { code: 'OUTPUT_EXISTS' });
      return true;
    },
  );
});
