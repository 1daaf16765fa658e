import { MemorySource } from '../../src/core/bytes/byteSource';
import { openOnnx } from '../../src/core/formats/onnx/openOnnx';
import type { Graph, GraphNode } from '../../src/core/model/network';
import type { OpenedModel } from '../../src/core/model/openedModel';
import { fuse, type Fused } from './fuseOnnx';
import { memoryFiles } from './memoryFiles';
import { input, model, output, type Bytes, type ModelGiven } from './onnxBytes';
import { allGraphs } from './onnxPair';

/** A model around these fields of its graph. */
export function open(graph: readonly Bytes[], given: ModelGiven = {}): OpenedModel {
  return openOnnx(new MemorySource(model(graph, given)), memoryFiles());
}

/** A graph from x to y with these fields, fused. */
export function fused(fields: readonly Bytes[], given: ModelGiven = {}): Fused {
  return fuse(open([input('x', [1, 1, 4, 4]), output('y'), ...fields], given));
}

/** The main graph of the fused model. */
export function mainOf({ model: opened }: Fused): Graph {
  return allGraphs(opened)[0]!;
}

export function initializersOf(graph: Graph): string[] {
  return [...graph.initializers.keys()];
}

/** Values of the constant a node of the fused model reads at an input. */
export function readInput({ model: opened }: Fused, reader: GraphNode, index: number): number[] {
  const name = reader.inputs[index]!;
  for (const graph of allGraphs(opened)) {
    const producer = graph.nodes.find(({ outputs }) => outputs[0] === name);
    const tensor = graph.initializers.get(name) ?? producer?.constant;
    if (tensor) return [...opened.readValues(tensor)];
  }
  throw new Error(`nothing gives ${name}`);
}

/** scale = gamma / √(var + eps) of the statistics every `convAndBn` has, with eps as float32 keeps it. */
const eps = Math.fround(1e-3);
export const scale = [1.5, -0.5].map(
  (gamma, channel) => gamma / Math.sqrt(Math.fround([0.9, 0.04][channel]!) + eps),
);
/** The weight of every `convAndBn`, folded. */
export const foldedWeight = [0.75, -1.25].map((weight, channel) =>
  Math.fround(weight * scale[channel]!),
);
/** The bias of a folded `convAndBn` that had this one before. */
export const foldedBias = (bias: readonly number[]): number[] =>
  bias.map((before, channel) => {
    const mean = Math.fround([-0.3, 0.7][channel]!);
    return Math.fround((before - mean) * scale[channel]! + [0.125, 2][channel]!);
  });
