import { ModelFormatError } from '../../errors';
import type { ConvLayer } from '../../model/layer';
import type { OpenedModel } from '../../model/openedModel';
import type { Pair } from '../../model/pair';
import { layoutsInQuestion, withLayout } from '../decision/layout';
import { looseLayers } from '../looseLayers';
import { readNorm, readVector, type Norm } from '../norm';
import type { NetworkPart } from '../networkParts';
import { readChannelSums, sumsPerRow, type ChannelSums } from '../weights/channelSums';
import { MAX_WORK, WorkBudget } from '../workBudget';
import { FeedBook, type SlopeVector } from './feedBook';
import { Study } from './study';
import { sieveOf, type Witness } from './witness';

/** All that a network offers to the test, read once. */
export interface EvidenceBase {
  readonly norms: readonly Norm[];
  /** Feeds that single BatchNorms make. */
  readonly feeds: FeedBook;
  /** By name of the convolution. */
  readonly witnesses: ReadonlyMap<string, Witness>;
  /** For each pair whose layers could be read one study, and one more for each other layout its weight may have. */
  readonly studies: readonly Study[];
  /** What explaining may still cost. */
  readonly work: WorkBudget;
  /** Reads the weight of a convolution once more, in the layout it says; null when it cannot testify. */
  readonly read: (conv: ConvLayer) => Witness | null;
}

/** Sums kept in memory at most, over all layers: 4 bytes each, 64 MB in all. */
const MAX_SUMS = 16e6;
/** Sums kept of one layer, halved until the network's fit in. Output channels beyond them are left out, evenly. */
const MAX_LAYER_SUMS = 1.5e6;
const MIN_LAYER_SUMS = 1e4;
/** Output channels kept of any layer. */
const MIN_ROWS = 32;
/** Output channels kept of a layer with a BatchNorm: more would not make a proof surer. */
const MAX_ROWS = 512;

/**
 * Reads every BatchNorm's vectors and every weight once, in the order of the file's layers (a weight whose layout is
 * in question once more); no weight where no BatchNorm was ever trained. Yields after each weight. `maxWork` is what
 * explaining may cost later, in multiplications.
 * @throws CancellationError when `isCancelled` says so.
 */
export function* readEvidence(
  model: OpenedModel,
  { modules, pairs }: NetworkPart,
  isCancelled: () => boolean,
  maxWork = MAX_WORK,
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
  const isAnyTrained = norms.some(({ isTrained }) => isTrained);
  const paired = isAnyTrained ? uniqueByName(pairs.map(({ conv }) => conv)) : [];
  const convs = [...paired, ...(isAnyTrained ? loose.convs : [])];
  const maxRows = rowsThatFit(paired, loose.convs);
  const witnessOf = (conv: ConvLayer): Witness | null => {
    const sums = sumsOrNull(model, conv, maxRows(conv), isCancelled);
    if (sums === null) return null;
    const bias = conv.bias === null ? null : readVector(model, conv.bias);
    return { conv, order: orderOf(orders, conv.name), sums, sieve: sieveOf(sums), bias };
  };
  const witnesses = new Map<string, Witness>();
  for (const conv of convs) {
    const witness = witnessOf(conv);
    if (witness !== null) witnesses.set(conv.name, witness);
    yield;
  }
  const normByName = new Map(norms.map((norm) => [norm.layer.name, norm]));
  const work = new WorkBudget(maxWork);
  const studyOf = (pair: Pair, witness: Witness | null | undefined): Study | null => {
    const norm = normByName.get(pair.bn.name);
    // Constants between the two would have to be applied to the prediction; only graphs show them, and prove them.
    if (!witness || norm === undefined || pair.between.length > 0) return null;
    return makeStudy(pair.id, witness, norm, work);
  };
  const studies = pairs.map((pair) => studyOf(pair, witnesses.get(pair.conv.name)));
  for (const pair of isAnyTrained ? pairs : []) {
    for (const layout of layoutsInQuestion(pair).slice(1)) {
      studies.push(studyOf(pair, witnessOf(withLayout(pair.conv, layout))));
      yield;
    }
  }
  return {
    work,
    norms,
    feeds: new FeedBook(slopeVectors(model, modules, norms)),
    witnesses,
    studies: studies.filter((study) => study !== null),
    read: witnessOf,
  };
}

/** The study of a convolution and a BatchNorm; null when their channels differ or the BatchNorm was never trained. */
export function makeStudy(
  id: string,
  witness: Witness,
  norm: Norm,
  work: WorkBudget,
): Study | null {
  if (!norm.isTrained || norm.mean.length !== witness.sums.outChannels) return null;
  return new Study(id, witness, norm, work);
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

/** How many output channels to keep of each convolution, so that all sums fit into the memory meant for them. */
function rowsThatFit(
  paired: readonly ConvLayer[],
  loose: readonly ConvLayer[],
): (conv: ConvLayer) => number {
  const pairedNames = new Set(paired.map(({ name }) => name));
  const rowsOf = (conv: ConvLayer, maxSums: number): number => {
    // A convolution without a BatchNorm may stand between two layers, and then none of its outputs may be missing.
    const most = pairedNames.has(conv.name) ? MAX_ROWS : Infinity;
    return Math.max(MIN_ROWS, Math.min(most, Math.floor(maxSums / sumsPerRow(conv))));
  };
  const total = (maxSums: number): number =>
    [...paired, ...loose].reduce(
      (sum, conv) => sum + Math.min(rowsOf(conv, maxSums), conv.outChannels) * sumsPerRow(conv),
      0,
    );
  let maxSums = MAX_LAYER_SUMS;
  while (maxSums > MIN_LAYER_SUMS && total(maxSums) > MAX_SUMS) maxSums /= 2;
  return (conv) => rowsOf(conv, maxSums);
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

/**
 * A module whose only tensor is a vector `weight`, as long as some BatchNorm's or of one number, may be a PReLU; as a
 * hypothesis it costs little. Longer ones are something else, and may be gigabytes.
 */
function slopeVectors(
  model: OpenedModel,
  modules: NetworkPart['modules'],
  norms: readonly Norm[],
): SlopeVector[] {
  const widths = new Set([1, ...norms.map(({ mean }) => mean.length)]);
  return modules.flatMap(({ path, tensors }, order) => {
    const weight = tensors.get('weight');
    if (weight?.shape.length !== 1 || tensors.size !== 1) return [];
    if (!widths.has(weight.shape[0] ?? 0)) return [];
    const slopes = readVector(model, weight);
    return slopes === null ? [] : [{ name: path, order, slopes }];
  });
}

function uniqueByName<T extends { readonly name: string }>(layers: readonly T[]): T[] {
  return Array.from(new Map(layers.map((layer) => [layer.name, layer])).values());
}
