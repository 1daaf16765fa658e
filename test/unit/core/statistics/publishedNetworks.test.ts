import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemorySource } from '../../../../src/core/bytes/byteSource';
import { openOnnx } from '../../../../src/core/formats/onnx/openOnnx';
import type { GraphNode } from '../../../../src/core/model/network';
import type { Pair } from '../../../../src/core/model/pair';
import { testify, type Testimony } from '../../../../src/core/statistics/testify';
import { memoryFiles } from '../../../support/memoryFiles';
import { allGraphs } from '../../../support/onnxPair';
import { job, openedFile } from './support/torchFile';

/**
 * Published, trained checkpoints, when FUSEBN_MODELS names a folder that holds some of them; they are not part of the
 * project, and without them there is nothing to test here.
 */
const folder = process.env['FUSEBN_MODELS'];

function published(name: string, check: (testimony: Testimony) => void): void {
  if (folder === undefined || !existsSync(join(folder, name))) return;
  const path = join(folder, name);
  test(`${name} testifies as its code says`, () => {
    const { model, pairing } = openedFile(path);
    check(testify(model, pairing, job));
  });
}

function find({ pairing }: Testimony, conv: string): Pair {
  const pair = pairing.pairs.find(({ id }) => id === conv);
  assert.ok(pair, conv);
  return pair;
}

published('crepe_tiny.pth', ({ pairing }) => {
  assert.equal(pairing.pairs.length, 6);
  for (const { verdict, reasons } of pairing.pairs) {
    assert.equal(verdict, 'blocked');
    assert.ok(reasons.some(({ code }) => code === 'ACTIVATION_BETWEEN'));
  }
});

published('version-RFB-320.pth', (testimony) => {
  const { confirmed, contradicted, activation } = testimony.summary;
  assert.ok(confirmed >= 33, String(confirmed));
  assert.equal(contradicted, 0);
  assert.equal(activation, 'relu');
  const linear = find(testimony, 'base_net.7.branch0.1.conv').statistics;
  assert.deepEqual([linear?.from, linear?.activation], ['base_net.7.branch0.0.bn', 'none']);
  const onnx = join(folder ?? '', 'version-RFB-320.onnx');
  if (existsSync(onnx)) assertWiring(testimony, readFileSync(onnx));
  const merged = find(testimony, 'base_net.7.ConvLinear.conv').statistics;
  assert.match(
    merged?.fedBy ?? '',
    /^\[base_net\.7\.branch0\.2\.bn, .*branch1\.2\.bn, .*branch2\.3\.bn\]$/,
  );
});

published('mb05.pth', ({ pairing, summary }) => {
  assert.ok(summary.confirmed >= 25, String(summary.confirmed));
  assert.equal(summary.contradicted, 0);
  for (const { bn } of pairing.pairs) {
    assert.deepEqual([bn.eps, bn.epsSource], [1e-5, 'statistics']);
  }
});

published('effnetlite0.pth', ({ pairing, summary }) => {
  assert.ok(summary.confirmed >= 46, String(summary.confirmed));
  assert.equal(summary.contradicted, 0);
  assert.equal(summary.activation, 'relu6');
  for (const { id, conv, statistics } of pairing.pairs) {
    if (statistics === null || statistics.from === null) continue;
    // Bottlenecks end in a projection without activation (`_bn2`); everything else in relu6.
    const isLinear = /_bn2$/.test(statistics.from);
    assert.equal(statistics.activation, isLinear ? 'none' : 'relu6', `${id}: ${statistics.fedBy}`);
    assert.ok(isLinear === /expand|head/.test(conv.name), id);
  }
});

published('yunet_n.pth', (testimony) => {
  const first = find(testimony, 'backbone.model0.conv1');
  assert.equal(first.bn.name, 'backbone.model0.bn1');
  assert.equal(first.statistics?.says, 'confirms');
  assert.equal(testimony.summary.contradicted, 0);
});

/** How many pairs docs/statistics.md says are confirmed of each. */
const confirmedOf = {
  'slim640.pth': 25,
  'retina025.pth': 47,
  'rbfland.pth': 34,
  'slimland.pth': 25,
  'faceboxes.pth': 27,
  'shufflenetv2.pth': 55,
  'yolofastestv2.pth': 72,
  'fastestdet.pth': 67,
  'resnet20.pth': 19,
  'resnet56.pth': 54,
  'yunet_s.pth': 14,
  'minifasv2.pth': 40,
  'minifasv1se.pth': 45,
};
for (const [name, count] of Object.entries(confirmedOf)) {
  published(name, ({ summary }) => {
    assert.ok(summary.confirmed >= count, summary.sentence);
    assert.equal(summary.contradicted, 0, summary.sentence);
  });
}

/** Checks every layer and activation that a testimony names against the data flow of the same network's export. */
function assertWiring({ pairing }: Testimony, onnx: Uint8Array): void {
  const graph = allGraphs(openOnnx(new MemorySource(onnx), memoryFiles({})))[0];
  assert.ok(graph);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((out) => [out, node])));
  const normName = ({ inputs }: GraphNode): string => (inputs[1] ?? '').replace(/\.weight$/, '');
  /** A value as a testimony would put it. */
  const text = (value: string | undefined): string => {
    const node = producers.get(value ?? '');
    const parts = (node?.inputs ?? []).map(text);
    switch (node?.opType) {
      case 'BatchNormalization':
        return normName(node);
      case 'Relu':
        return `relu(${parts.join()})`;
      case 'Add':
        return parts.toSorted().join(' + ');
      case 'Concat':
        return `[${parts.join(', ')}]`;
      default:
        return node?.opType ?? 'input';
    }
  };
  let named = 0;
  for (const { id, bn, statistics } of pairing.pairs) {
    const norm = graph.nodes.find(
      (node) => node.opType === 'BatchNormalization' && normName(node) === bn.name,
    );
    const conv = producers.get(norm?.inputs[0] ?? '');
    assert.equal(conv?.inputs[1], `${id}.weight`, bn.name);
    if (statistics?.fedBy === undefined) continue;
    const told = statistics.fedBy.replace(/\(([^()]* \+ [^()]*)\)/, (_, sum: string) => {
      return `(${sum.split(' + ').toSorted().join(' + ')})`;
    });
    assert.equal(told, text(conv.inputs[0]), id);
    named++;
  }
  assert.ok(named >= 33, String(named));
}
