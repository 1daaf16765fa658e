import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CancellationTokenSource, type CancellationToken } from 'vscode-jsonrpc';
import type { InspectParams, StructureParams } from '../../../src/protocol/engine';
import type { ModelState } from '../../../src/protocol/lsp';
import type { InspectReport } from '../../../src/protocol/reports';
import { defaultSettings, type Settings } from '../../../src/protocol/settings';
import { EngineError } from '../../../src/engine/engineError';
import { ModelStore } from '../../../src/server/modelStore';
import type { Engine } from '../../../src/server/engines';
import type { StatisticsPicture } from '../../../src/protocol/statistics';
import { picture } from '../../support/pictures';
import { inspectReport, pairReport } from '../../support/reports';

const path = '/models/net.onnx';

/** An engine that answers when it is told to; a cancelled job fails like the real one. */
class FakeEngine implements Engine {
  readonly inspections: InspectParams[] = [];
  readonly structures: StructureParams[] = [];
  /** Ids of the pairs whose pictures were made. */
  readonly pictures: string[] = [];
  /** Otherwise the first structure never comes. */
  areStructuresReady = false;
  answer: (token?: CancellationToken) => Promise<InspectReport> = () =>
    Promise.resolve(inspectReport([]));

  inspect(
    params: InspectParams,
    options?: Parameters<Engine['inspect']>[1],
  ): Promise<InspectReport> {
    this.inspections.push(params);
    return this.answer(options?.token);
  }

  structure(
    params: StructureParams,
    options?: Parameters<Engine['structure']>[1],
  ): ReturnType<Engine['structure']> {
    this.structures.push(params);
    return new Promise((resolve, reject) => {
      options?.token?.onCancellationRequested(() => {
        reject(new EngineError('CANCELLED', 'Cancelled'));
      });
      const isReady = this.areStructuresReady || this.structures.length > 1;
      if (isReady) resolve({ language: 'onnx-text', text: 'new', places: [] });
    });
  }

  fuse(): never {
    throw new Error('not asked for here');
  }

  statisticsPicture({ id }: { readonly id: string }): Promise<StatisticsPicture> {
    this.pictures.push(id);
    return Promise.resolve(picture([1], []));
  }

  surroundings(): never {
    throw new Error('not asked for here');
  }

  dispose(): void {
    // Nothing to end.
  }
}

function setUp(settings: Settings = defaultSettings) {
  const foreground = new FakeEngine();
  const background = new FakeEngine();
  const states: ModelState[] = [];
  let changes = 0;
  let current = settings;
  const store = new ModelStore({ foreground, background }, () => Promise.resolve(current), {
    onState: (_, state) => {
      states.push(state);
    },
    onTestProgress: () => undefined,
    onChange: () => {
      changes++;
    },
  });
  return {
    store,
    foreground,
    background,
    states,
    changeCount: () => changes,
    change: (next: Settings) => {
      current = next;
    },
  };
}

describe('the models that the server follows', () => {
  it('go from reading to ready', async () => {
    const { store, states } = setUp();
    await store.open(path);
    assert.deepEqual(
      states.map(({ kind }) => kind),
      ['reading', 'ready'],
    );
  });

  it('fail with the sentence of the reader', async () => {
    const { store, foreground, states } = setUp();
    foreground.answer = () => Promise.reject(new EngineError('MODEL_FORMAT', 'net.onnx is empty'));
    await store.open(path);
    assert.deepEqual(states.at(-1), {
      kind: 'failed',
      code: 'MODEL_FORMAT',
      message: 'net.onnx is empty',
    });
  });

  it('are read once, however many ask', async () => {
    const { store, foreground } = setUp();
    await store.open(path);
    await store.ask(path, (reading) => reading.report());
    await store.ask(path, (reading) => reading.report());
    assert.equal(foreground.inspections.length, 1);
  });

  it('are read again when the file changes', async () => {
    const { store, foreground, states, changeCount } = setUp();
    await store.open(path);
    await store.changed(path);
    assert.equal(foreground.inspections.length, 2);
    assert.equal(changeCount(), 1);
    assert.equal(states.at(-1)?.kind, 'ready');
  });

  it('are read again when a setting changes, and only then', async () => {
    const { store, foreground, change } = setUp();
    await store.open(path);
    await store.settingsChanged();
    assert.equal(foreground.inspections.length, 1);
    change({ ...defaultSettings, policy: 'all' });
    await store.settingsChanged();
    assert.equal(foreground.inspections.at(-1)?.policy, 'all');
  });

  it('answer a question even when the file changes while it is asked', async () => {
    const { store } = setUp();
    const listing = store.ask(path, (reading) => reading.listing('original'));
    // The first job never ends by itself: the change cancels it.
    await new Promise((resolve) => setImmediate(resolve));
    await store.changed(path);
    assert.equal((await listing).text, 'new');
  });

  it('show the pairs the user chose in the listing after fusing, as far as they still exist', async () => {
    const { store, foreground } = setUp();
    foreground.answer = () => Promise.resolve(inspectReport([pairReport({ id: 'stem' })]));
    foreground.areStructuresReady = true;
    store.choose(path, ['stem', 'gone']);
    await store.ask(path, (reading) => reading.listing('fused'));
    store.choose(path, null);
    await store.ask(path, (reading) => reading.listing('fused'));
    assert.deepEqual(
      foreground.structures.map(({ only }) => only),
      [['stem'], null],
    );
  });

  it('are forgotten when they are closed', async () => {
    const { store, foreground } = setUp();
    await store.open(path);
    store.close(path);
    await store.ask(path, (reading) => reading.report());
    assert.equal(foreground.inspections.length, 2);
  });
});

describe('the statistical test in the background', () => {
  const byName = inspectReport([pairReport({ id: 'stem', evidence: 'names' })]);
  const proved = inspectReport([pairReport({ id: 'stem', evidence: 'names', verdict: 'blocked' })]);

  it('runs on an engine of its own where names are all there is, and its report replaces the first', async () => {
    const { store, foreground, background, states } = setUp();
    foreground.answer = () => Promise.resolve(byName);
    background.answer = () => Promise.resolve(proved);
    await store.open(path);
    assert.equal(background.inspections[0]?.statistics, true);
    const [, first, second] = states;
    assert.ok(first?.kind === 'ready' && first.isTesting);
    assert.ok(second?.kind === 'ready' && !second.isTesting);
    assert.equal(second.report.counts.blocked, 1);
  });

  it('leaves the report as it was when it fails', async () => {
    const { store, foreground, background, states } = setUp();
    foreground.answer = () => Promise.resolve(byName);
    background.answer = () => Promise.reject(new Error('disk trouble'));
    await store.open(path);
    const last = states.at(-1);
    assert.ok(last?.kind === 'ready' && !last.isTesting);
    assert.equal(last.report.counts.fusable, 1);
  });

  it('does not run where the graph proves the pairs, nor where the user has switched it off', async () => {
    const graph = setUp();
    graph.foreground.answer = () => Promise.resolve(inspectReport([pairReport({ id: 'stem' })]));
    await graph.store.open(path);
    assert.equal(graph.background.inspections.length, 0);
    const off = setUp({ ...defaultSettings, backgroundStatistics: false });
    off.foreground.answer = () => Promise.resolve(byName);
    await off.store.open(path);
    assert.equal(off.background.inspections.length, 0);
  });
});

describe('the picture of a pair', () => {
  const byName = inspectReport([pairReport({ id: 'stem', evidence: 'names' })]);
  const { token } = new CancellationTokenSource();
  const never = (cancelled?: CancellationToken): Promise<InspectReport> =>
    new Promise((_, reject) => {
      cancelled?.onCancellationRequested(() => {
        reject(new EngineError('CANCELLED', 'Cancelled'));
      });
    });

  it('waits for the test of its model, which runs once for all of them', async () => {
    const { store, foreground, background, states } = setUp();
    foreground.answer = () => Promise.resolve(byName);
    background.answer = () => Promise.resolve(byName);
    await Promise.all(['a', 'b'].map((id) => store.picture(path, id, token)));
    await store.picture(path, 'c', token);
    assert.equal(background.inspections.length, 1);
    assert.deepEqual(foreground.pictures.toSorted(), ['a', 'b', 'c']);
    assert.ok(states.some((state) => state.kind === 'ready' && state.isTesting));
  });

  it('comes of a model whose test the user has switched off, and of a graph', async () => {
    const { store, foreground, background } = setUp({
      ...defaultSettings,
      backgroundStatistics: false,
    });
    foreground.answer = () => Promise.resolve(inspectReport([pairReport({ id: 'stem' })]));
    assert.notEqual(await store.picture(path, 'stem', token), null);
    assert.equal(background.inspections[0]?.statistics, true);
  });

  it('does not come when the test is stopped; asking once more starts it anew', async () => {
    const { store, foreground, background, states } = setUp();
    foreground.answer = () => Promise.resolve(byName);
    background.answer = never;
    const asked = store.picture(path, 'stem', token);
    const stopped = assert.rejects(asked, /Cancelled/);
    while (background.inspections.length === 0) await new Promise((go) => setImmediate(go));
    store.stopTest(path);
    await stopped;
    const last = states.at(-1);
    assert.ok(last?.kind === 'ready' && !last.isTesting);
    background.answer = () => Promise.resolve(byName);
    assert.notEqual(await store.picture(path, 'stem', token), null);
    assert.equal(background.inspections.length, 2);
  });

  it('is none for a printed network, which has no values', async () => {
    const { store, foreground, background } = setUp();
    const report = inspectReport([pairReport({ id: 'stem' })]);
    const printed = { ...report, model: { ...report.model, format: 'module-text' as const } };
    foreground.answer = () => Promise.resolve(printed);
    assert.equal(await store.picture(path, 'stem', token), null);
    assert.equal(background.inspections.length, 0);
  });
});
