import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { openOnnx } from '../../../../../src/core/formats/onnx/openOnnx';
import { foldPair } from '../../../../../src/core/folding/foldPair';
import type { LayerPlace, Listing } from '../../../../../src/core/listing/listing';
import { printListing } from '../../../../../src/core/listing/printListing';
import { printGraphs } from '../../../../../src/core/listing/onnx/printGraphs';
import type {
  AttributeValue,
  GraphNetwork,
  GraphNode,
} from '../../../../../src/core/model/network';
import type { OpenedModel } from '../../../../../src/core/model/openedModel';
import type { Pairing } from '../../../../../src/core/model/pair';
import { findPairs } from '../../../../../src/core/pairing/findPairs';
import { executePlan } from '../../../../support/executePlan';
import { listingFixture } from '../../../../support/listings';
import { projectPath } from '../../../../support/root';

const graphs = ['attributes', 'bodies', 'chains', 'functions', 'matrices', 'old'];

function openBytes(bytes: Uint8Array): OpenedModel {
  return openOnnx(new MemorySource(bytes, 'model.onnx'), {
    open: () => assert.fail('these models have no external data'),
  });
}

function open(name: string): OpenedModel {
  return openBytes(readFileSync(projectPath('test/fixtures/listings/onnx', `${name}.onnx`)));
}

function pairsOf(model: OpenedModel): Pairing {
  return findPairs(model, { policy: 'all', eps: [], layout: 'auto', structure: null });
}

function original(name: string): Listing {
  const model = open(name);
  return printListing(model, pairsOf(model), 'original');
}

/** Lines that say what a node does, without indents, comments and values of tensors. */
function nodeLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.includes(' = ') && !/^\s*(<|float|int64)/.test(line))
    .map((line) =>
      line
        .replace(/ {2}# .*$/, '')
        .replace(/ \{[^{}]*\}(?=[>,])/g, ' {…}')
        .trim(),
    );
}

function mainGraph(nodes: readonly GraphNode[]): GraphNetwork {
  const values = new Map();
  const graph = { scope: '', kind: 'main', inputs: [], outputs: [], initializers: values, values };
  return {
    kind: 'graph',
    irVersion: 8,
    opsets: new Map([['', 17]]),
    graphs: [{ ...graph, kind: 'main', nodes }],
  };
}

/** Line of a node with these attributes. */
function printedNode(attributes: readonly (readonly [string, AttributeValue])[]): string {
  const node = { name: 'n', opType: 'Odd', domain: '', inputs: [], outputs: ['y'], subgraphs: [] };
  const { text } = printGraphs(null, mainGraph([{ ...node, attributes: new Map(attributes) }]));
  return text.split('\n').find((line) => line.includes('[n]'))!;
}

suite('an ONNX listing', () => {
  for (const name of graphs) {
    test(`${name}: every node is written as the ONNX project writes it`, () => {
      const expected = nodeLines(listingFixture(`onnx/${name}.txt`));
      assert.deepEqual(nodeLines(original(name).text), expected);
    });

    test(`${name}: places point at the names`, () => {
      const { text, places } = original(name);
      const lines = text.split('\n');
      for (const { name: layer, line, column, length } of places) {
        const shown = lines[line]!.slice(column, column + length);
        if (layer !== '') {
          assert.ok(layer.endsWith(shown.replace(/\\(.)/g, '$1')), `${layer}: ${shown}`);
        }
      }
      assert.deepEqual(
        places.map(({ line }) => line),
        places.map(({ line }) => line).toSorted((a, b) => a - b),
      );
    });

    test(`${name}: the fused listing is the listing of the fused file`, () => {
      const model = open(name);
      const pairing = pairsOf(model);
      const folded = pairing.pairs.filter(({ verdict }) => verdict === 'fusable');
      const folds = folded.map((pair) => foldPair(model, pair));
      const plan = model.plan(folds, { mode: 'fold', outputName: 'fused.onnx' });
      const fused = openBytes(executePlan(plan, model.sources).get('fused.onnx')!);
      assert.equal(
        printListing(model, pairing, 'fused').text,
        printListing(fused, pairsOf(fused), 'original').text,
      );
    });
  }

  test('has a head, initializers a line each, and declared types behind the nodes', () => {
    assert.match(
      original('chains').text,
      /^<\n {3}ir_version: 8,\n {3}opset_import: \["" : 17\],\n {3}producer_name: "make \\"graphs\\""\n>\ngraph \(float\[N,3,\?,8\] x\) => \(float\[N,4,"h-1",8\] y\)\n {3}<\n {6}float\[4,3,3,3\] "a\.weight" = \{…\},\n/,
    );
    assert.match(
      original('chains').text,
      /"a\/out" = Conv [^\n]* \(x, "a\.weight"\) {2}# float\[N,4,8,8\]\n/,
    );
  });

  test('leaves initializers out of the inputs where they had to be listed there', () => {
    assert.match(original('old').text, /\ngraph \(float\[N,3,\?,8\] x\) => /);
  });

  test('changes only where a fold changes something', () => {
    const model = open('chains');
    const pairing = pairsOf(model);
    const one = { ...pairing, pairs: pairing.pairs.slice(0, 1) };
    const before = printListing(model, one, 'original').text.split('\n');
    const after = printListing(model, one, 'fused').text.split('\n');
    const gone = before.filter((line) => !after.includes(line));
    const come = after.filter((line) => !before.includes(line));
    assert.equal(come.length, 2);
    assert.equal(gone.length, 7);
    assert.ok(come[0]!.includes('"a.bias" = {…}') && come[1]!.includes('"a/bn" = Conv'));
  });

  test('keeps the names of the original in the places of a fused listing', () => {
    const model = open('chains');
    const { places, text } = printListing(model, pairsOf(model), 'fused');
    const b = places.find(({ name }) => name === 'b')!;
    assert.match(text.split('\n')[b.line]!, /^ {3}b_bn = Conv/);
  });

  test('shows functions with their domain and opsets', () => {
    const graph = { inputs: [], outputs: [], initializers: new Map(), values: new Map() };
    const value = { name: 'x', elementType: null, shape: null };
    const node = {
      name: 'n',
      opType: 'Elu',
      domain: '',
      inputs: ['x'],
      outputs: ['y'],
      subgraphs: [],
    };
    const network: GraphNetwork = {
      kind: 'graph',
      irVersion: 8,
      opsets: new Map([['', 17]]),
      graphs: [
        { ...graph, scope: '', kind: 'main', nodes: [] },
        {
          ...graph,
          scope: 'custom.ops:Block',
          kind: 'function',
          inputs: [value],
          outputs: [{ ...value, name: 'y' }],
          nodes: [{ ...node, attributes: new Map([['alpha', { kind: 'ref', value: 'a' }]]) }],
          opsets: new Map([['', 16]]),
        },
      ],
    };
    const { text, places } = printGraphs(null, network);
    assert.ok(
      text.endsWith(
        'graph () => () {\n}\n<\n  domain: "custom.ops",\n  opset_import: ["" : 16]\n>\nBlock (x) => (y) {\n   [n] y = Elu <alpha = @a> (x)\n}\n',
      ),
    );
    assert.equal(places.find(({ name }) => name === 'n')!.parent, 'custom.ops:Block');
  });

  test('cuts long lists and texts, and keeps control characters off the lines', () => {
    const text = printedNode([
      ['many', { kind: 'ints', value: Array.from({ length: 1000 }, (_, idx) => idx) }],
      ['long', { kind: 'string', value: 'x'.repeat(10_000) }],
      ['odd', { kind: 'string', value: 'a\n\u2028"b' }],
    ]);
    assert.ok(text.length < 700);
    assert.match(text, /30, 31, …\]/);
    assert.ok(text.includes('"a\\x0a\\u2028\\"b"'));
  });

  test('stays of a size an editor opens', () => {
    const many = Array.from({ length: 20_000 }, (_, idx) => ({
      name: `node${idx}`,
      opType: 'Relu',
      domain: '',
      inputs: [`${'long_'.repeat(200)}${idx}`],
      outputs: [`${'long_'.repeat(200)}${idx + 1}`],
      attributes: new Map(),
      subgraphs: [],
    }));
    const { text } = printGraphs(null, mainGraph(many));
    assert.ok(text.length < 17_000_000);
    assert.match(text, /# … and \d+ more nodes\n\}\n$/);
  });

  test('nests bodies in their nodes', () => {
    const { places } = original('bodies');
    const parents = new Map(places.map(({ name, parent }) => [name, parent]));
    assert.equal(parents.get('conv_then'), 'choose/then_branch');
    assert.equal(parents.get('choose/then_branch'), 'choose');
    assert.equal(parents.get('choose'), '');
    const range = ({ line, endLine }: LayerPlace): [number, number] => [line, endLine];
    const [outer, inner] = ['choose', 'choose/else_branch'].map((wanted) =>
      range(places.find(({ name }) => name === wanted)!),
    );
    assert.ok(outer![0] <= inner![0] && inner![1] < outer![1]);
  });
});
