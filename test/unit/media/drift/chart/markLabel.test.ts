import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markLabel } from '../../../../../media/drift/chart/markLabel';
import { driftLayer, metrics } from '../../../../support/driftReports';

test('a layer that is ok on its own and far off in the network has inherited that', () => {
  const layer = driftLayer('a', { isolated: metrics(150), accumulated: metrics(20), label: 'ok' });
  assert.equal(markLabel(layer, 'isolated'), 'ok');
  assert.equal(markLabel(layer, 'accumulated'), 'inherited');
  const broken = driftLayer('b', { accumulated: metrics('not finite'), label: 'ok' });
  assert.equal(markLabel(broken, 'accumulated'), 'inherited');
});

test('any other mark says what the layer is labelled', () => {
  const right = driftLayer('a', { accumulated: metrics('identical') });
  const wrong = driftLayer('b', { isolated: metrics(12), accumulated: metrics(5), label: 'bad' });
  const absent = driftLayer('c', { isolated: null, label: null });
  assert.deepEqual(
    [right, wrong, absent].map((layer) => markLabel(layer, 'accumulated')),
    ['ok', 'bad', 'none'],
  );
});
