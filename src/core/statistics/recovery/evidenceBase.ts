import type { ConvLayer } from '../../model/layer';
import type { OpenedModel } from '../../model/openedModel';
import type { Pair, Pairing } from '../../model/pair';
import type { Tensor } from '../../model/tensor';
import { layoutsInQuestion, withLayout } from '../decision/layout';
import { storedMeans } from '../storedMeans';
import { looseLayers } from '../looseLayers';
import { readNorm, readVector, type Norm } from '../norm';
import { readChannelSums, sumCount, type ChannelSums } from '../weights/channelSums';
import { FeedBook, type SlopeVector } from './feedBook';
import { Study } from './study';

/** Told after each layer's weight; asked before each chunk. */
export interface ReadingJob {
  onProgress(done: number, total: number): void;
  isCancelled(): boolean;
}

/** A convolution of the file with its sums and bias. */
export interface Witness {
  readonly conv: ConvLayer;
  readonly order: number;
  readonly sums: ChannelSums;
  readonly bias: Float64Array | null;
}

/** All that the file offers to the test, read once. */
export interface EvidenceBase {
  readonly norms: readonly Norm[];
  /** Feeds that single BatchNorms make. */
  readonly feeds: FeedBook;
  /** By name of the convolution. */
  readonly witnesses: ReadonlyMap<string, Witness>;
  /** For each pair whose layers could be read one study, and one more for each other layout its weight may have. */
  readonly studies: readonly Study[];
}

/** Sums kept in memory at most, over all layers: 4 bytes each, 96 MB in all. */
const MAX_SUMS = 24e6;
/** Output channels kept per layer, halved until the file's sums fit. More would not make a proof surer. */
const MAX_ROWS = 512;
const MIN_ROWS = 32;

/**
 * Reads every BatchNorm's vectors and every weight once, in the order of the file's layers.
 * @throws CancellationError when the job is cancelled.
 */
export function readEvidence(model: OpenedModel, pairing: Pairing, job: ReadingJob): EvidenceBase {
  const orders = layerOrders(model, pairing);
  const orderOf = (name: string): number => {
    const order = orders.get(name) ?? orders.size;
    orders.set(name, order);
    return order;
  };
  const loose = looseLayers(model.network, pairing);
  const bns = [...uniqueByName(pairing.pairs.map(({ bn }) => bn)), ...loose.norms];
  const norms = bns.flatMap((bn) => {
    const norm = readNorm(model, bn, orderOf(bn.name));
    return norm === null ? [] : [norm];
  });
  const convs = [...uniqueByName(pairing.pairs.map(({ conv }) => conv)), ...loose.convs];
  const questions = pairing.pairs.flatMap((pair) =>
    layoutsInQuestion(pair)
      .slice(1)
      .map((layout) => ({ pair, conv: withLayout(pair.conv, layout) })),
  );
  const maxRows = rowsThatFit(convs);
  const total = convs.length + questions.length;
  let done = 0;
  const witnessOf = (conv: ConvLayer): Witness | null => {
    job.onProgress(done++, total);
    const sums = readChannelSums(model, conv, maxRows, () => job.isCancelled());
    if (sums === null) return null;
    const bias = conv.bias === null ? null : readVector(model, conv.bias);
    return { conv, order: orderOf(conv.name), sums, bias };
  };
  const witnesses = new Map<string, Witness>();
  for (const conv of convs) {
    const witness = witnessOf(conv);
    if (witness !== null) witnesses.set(conv.name, witness);
  }
  const normByName = new Map(norms.map((norm) => [norm.layer.name, norm]));
  const studies = pairing.pairs.map((pair) =>
    studyOf(pair, witnesses.get(pair.conv.name), normByName),
  );
  const others = questions.map(({ pair, conv }) => studyOf(pair, witnessOf(conv), normByName));
  job.onProgress(total, total);
  return {
    norms,
    feeds: new FeedBook(slopeVectors(model)),
    witnesses,
    studies: [...studies, ...others].filter((study) => study !== null),
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

function rowsThatFit(convs: readonly ConvLayer[]): number {
  let rows = MAX_ROWS;
  const total = (): number => convs.reduce((sum, conv) => sum + sumCount(conv, rows), 0);
  while (rows > MIN_ROWS && total() > MAX_SUMS) rows /= 2;
  return rows;
}

function layerOrders(model: OpenedModel, pairing: Pairing): Map<string, number> {
  const names =
    model.network.kind === 'modules'
      ? model.network.modules.map(({ path }) => path)
      : pairing.pairs.flatMap(({ conv, bn }) => [conv.name, bn.name]);
  return new Map(names.map((name, order) => [name, order]));
}

/** A module whose only tensor is a vector `weight` may be a PReLU; as a hypothesis it costs little. */
function slopeVectors(model: OpenedModel): SlopeVector[] {
  if (model.network.kind !== 'modules') return [];
  return model.network.modules.flatMap(({ path, tensors }, order) => {
    const weight: Tensor | undefined = tensors.get('weight');
    if (weight?.shape.length !== 1 || tensors.size !== 1) return [];
    const slopes = readVector(model, weight);
    return slopes === null ? [] : [{ name: path, order, slopes }];
  });
}

function uniqueByName<T extends { readonly name: string }>(layers: readonly T[]): T[] {
  return Array.from(new Map(layers.map((layer) => [layer.name, layer])).values());
}
