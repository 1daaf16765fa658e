import { ModelFormatError } from '../../errors';
import type { ConvLayer } from '../../model/layer';
import type { OpenedModel } from '../../model/openedModel';
import type { Pair } from '../../model/pair';
import { layoutsInQuestion, withLayout } from '../decision/layout';
import { looseLayers } from '../looseLayers';
import { readNorm, readVector, type Norm } from '../norm';
import type { NetworkPart } from '../networkParts';
import { storedMeans } from '../storedMeans';
import { readChannelSums, sumCount, type ChannelSums } from '../weights/channelSums';
import { FeedBook, type SlopeVector } from './feedBook';
import { Study } from './study';

/** A convolution of the file with its sums and bias. */
export interface Witness {
  readonly conv: ConvLayer;
  readonly order: number;
  readonly sums: ChannelSums;
  readonly bias: Float64Array | null;
}

/** All that a network offers to the test, read once. */
export interface EvidenceBase {
  readonly norms: readonly Norm[];
  /** Feeds that single BatchNorms make. */
  readonly feeds: FeedBook;
  /** By name of the convolution. */
  readonly witnesses: ReadonlyMap<string, Witness>;
  /** For each pair whose layers could be read one study, and one more for each other layout its weight may have. */
  readonly studies: readonly Study[];
  /** Reads the weight of a convolution once more, in the layout it says; null when it cannot testify. */
  readonly read: (conv: ConvLayer) => Witness | null;
}

/** Sums kept in memory at most, over all layers: 4 bytes each, 96 MB in all. */
const MAX_SUMS = 24e6;
/** Output channels kept per layer, halved until the network's sums fit. More would not make a proof surer. */
const MAX_ROWS = 512;
const MIN_ROWS = 32;

/**
 * Reads every BatchNorm's vectors and every weight once, in the order of the file's layers (a weight whose layout is
 * in question once more). Yields after each weight.
 * @throws CancellationError when `isCancelled` says so.
 */
export function* readEvidence(
  model: OpenedModel,
  { modules, pairs }: NetworkPart,
  isCancelled: () => boolean,
): Generator<void, EvidenceBase> {
  const orders = layerOrders(
    modules.map(({ path }) => path),
    pairs,
  );
  const loose = looseLayers(modules, pairs);
  const bns = [...uniqueByName(pairs.map(({ bn }) => bn)), ...loose.norms];
  const norms = bns.flatMap((bn) => {
    const norm = readNorm(model, bn, orderOf(orders, bn.name));
    return norm === null ? [] : [norm];
  });
  const convs = [...uniqueByName(pairs.map(({ conv }) => conv)), ...loose.convs];
  const maxRows = rowsThatFit(convs);
  const witnessOf = (conv: ConvLayer): Witness | null => {
    const sums = sumsOrNull(model, conv, maxRows, isCancelled);
    if (sums === null) return null;
    const bias = conv.bias === null ? null : readVector(model, conv.bias);
    return { conv, order: orderOf(orders, conv.name), sums, bias };
  };
  const witnesses = new Map<string, Witness>();
  for (const conv of convs) {
    const witness = witnessOf(conv);
    if (witness !== null) witnesses.set(conv.name, witness);
    yield;
  }
  const normByName = new Map(norms.map((norm) => [norm.layer.name, norm]));
  const studies = pairs.map((pair) => studyOf(pair, witnesses.get(pair.conv.name), normByName));
  for (const pair of pairs) {
    for (const layout of layoutsInQuestion(pair).slice(1)) {
      const witness = witnessOf(withLayout(pair.conv, layout));
      studies.push(studyOf(pair, witness, normByName));
      yield;
    }
  }
  return {
    norms,
    feeds: new FeedBook(slopeVectors(model, modules)),
    witnesses,
    studies: studies.filter((study) => study !== null),
    read: witnessOf,
  };
}

/** The study of a convolution and a BatchNorm; null when their channels differ or the BatchNorm was never trained. */
export function makeStudy(id: string, witness: Witness, norm: Norm): Study | null {
  const { conv, sums, bias, order } = witness;
  if (!norm.isTrained || norm.mean.length !== sums.outChannels) return null;
  const stored = storedMeans(norm, sums.rows, bias);
  return new Study(id, conv, norm, order, sums, bias, stored);
}

function studyOf(
  pair: Pair,
  witness: Witness | null | undefined,
  norms: ReadonlyMap<string, Norm>,
): Study | null {
  const norm = norms.get(pair.bn.name);
  // Constants between the two would have to be applied to the prediction; only graphs show them, and prove them.
  if (!witness || norm === undefined || pair.between.length > 0) return null;
  return makeStudy(pair.id, witness, norm);
}

function sumsOrNull(
  model: OpenedModel,
  conv: ConvLayer,
  maxRows: number,
  isCancelled: () => boolean,
): ChannelSums | null {
  try {
    return readChannelSums(model, conv, maxRows, isCancelled);
  } catch (error) {
    // A weight that cannot be read has a reason of its own on the pair; it only cannot testify.
    if (error instanceof ModelFormatError) return null;
    throw error;
  }
}

function rowsThatFit(convs: readonly ConvLayer[]): number {
  let rows = MAX_ROWS;
  const total = (): number => convs.reduce((sum, conv) => sum + sumCount(conv, rows), 0);
  while (rows > MIN_ROWS && total() > MAX_SUMS) rows /= 2;
  return rows;
}

/** Places of the layers by name: of the modules, or of the pairs' layers where there are no modules. */
function layerOrders(modules: readonly string[], pairs: readonly Pair[]): Map<string, number> {
  const names =
    modules.length > 0 ? modules : pairs.flatMap(({ conv, bn }) => [conv.name, bn.name]);
  return new Map(names.map((name, order) => [name, order]));
}

function orderOf(orders: Map<string, number>, name: string): number {
  const order = orders.get(name) ?? orders.size;
  orders.set(name, order);
  return order;
}

/** A module whose only tensor is a vector `weight` may be a PReLU; as a hypothesis it costs little. */
function slopeVectors(model: OpenedModel, modules: NetworkPart['modules']): SlopeVector[] {
  return modules.flatMap(({ path, tensors }, order) => {
    const weight = tensors.get('weight');
    if (weight?.shape.length !== 1 || tensors.size !== 1) return [];
    const slopes = readVector(model, weight);
    return slopes === null ? [] : [{ name: path, order, slopes }];
  });
}

function uniqueByName<T extends { readonly name: string }>(layers: readonly T[]): T[] {
  return Array.from(new Map(layers.map((layer) => [layer.name, layer])).values());
}
