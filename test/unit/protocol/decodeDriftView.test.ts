import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFromDriftView, decodeKeptDrift } from '../../../src/protocol/decodeDriftView';
import { deepReport, driftLayer, driftReport, metrics } from '../../support/driftReports';

describe('messages of the drift page', () => {
  it('are taken as they are', () => {
    const messages = [
      { type: 'ready' },
      { type: 'cancel' },
      { type: 'run' },
      { type: 'compare' },
      { type: 'reveal', id: 'stem' },
      { type: 'detail', id: 'stem' },
      { type: 'hover', id: null },
      { type: 'export', format: 'csv' },
      { type: 'export', format: 'png', bytes: new Uint8Array(8) },
    ];
    for (const message of messages) assert.equal(decodeFromDriftView(message), message);
  });

  it('are refused when anything is missing or of another kind', () => {
    const strangers: unknown[] = [
      null,
      'ready',
      [],
      {},
      { type: 'eval' },
      { type: 'reveal' },
      { type: 'reveal', id: 7 },
      { type: 'hover' },
      { type: 'export', format: 'exe' },
      { type: 'export', format: 'png', bytes: [1, 2, 3] },
      { type: 'export', format: 'png', bytes: new Uint8Array(65 * 1024 * 1024) },
    ];
    for (const stranger of strangers) assert.equal(decodeFromDriftView(stranger), null);
  });
});

describe('what a page keeps', () => {
  const subject = { reference: '/models/net.onnx', candidate: null };
  const keep = (report: unknown): unknown =>
    JSON.parse(JSON.stringify({ subject, report, view: { metric: 'sqnrDb' } }));

  it('comes back with its report', () => {
    const report = driftReport(
      [
        driftLayer('a'),
        driftLayer('b', { isolated: metrics('identical'), accumulated: metrics('not finite') }),
        driftLayer('c', { isolated: null, label: null, explanation: null, quantization: null }),
      ],
      { outputs: [{ name: 'y', ...metrics(100) }] },
    );
    assert.deepEqual(decodeKeptDrift(keep(report))?.report, report);
    assert.deepEqual(decodeKeptDrift(keep(null)), keep(null));
    assert.equal(decodeKeptDrift(keep(deepReport(1000)))?.report?.layers.length, 1000);
  });

  it('is refused when another version kept it', () => {
    const [layer] = deepReport(1).layers;
    const strangers = [
      { ...driftReport([]), schema: 2 },
      { ...driftReport([]), layers: [{ ...layer, label: 'great' }] },
      { ...driftReport([]), layers: [{ ...layer, isolated: { sqnrDb: 3 } }] },
      { ...driftReport([]), attention: [{ id: 'a' }] },
      { ...driftReport([]), seed: 'zero' },
    ];
    for (const stranger of strangers) assert.equal(decodeKeptDrift(keep(stranger)), null);
    assert.equal(decodeKeptDrift(undefined), null);
    assert.equal(decodeKeptDrift({ report: null }), null);
  });
});
