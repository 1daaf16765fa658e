import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ModuleAttribute } from '../../src/core/model/network';
import type { Pairing } from '../../src/core/model/pair';
import type { ModuleSketch, TensorSketch } from './moduleNetwork';
import { projectPath } from './root';

/** A real network with its true pairs: test/fixtures/names/README.md. */
export interface KnownNetwork {
  readonly source: string;
  readonly name: string;
  readonly modules: readonly (readonly [path: string, tensors: TensorSketch])[];
  readonly pairs: readonly (readonly [conv: string, bn: string, type: string, eps: number])[];
  readonly notPairs: readonly (readonly [bn: string, why: string])[];
  readonly classes?: readonly (readonly [
    path: string,
    className: string,
    attributes: Readonly<Record<string, ModuleAttribute>>,
  ])[];
}

/** Networks of a fixture file, by its name without extension. */
export function knownNetworks(file: 'networks' | 'more' | 'classes'): readonly KnownNetwork[] {
  const packed = readFileSync(projectPath('test/fixtures/names', `${file}.json.gz`));
  return JSON.parse(gunzipSync(packed).toString()) as KnownNetwork[];
}

/** All modules of a network with their classes and attributes, as a pickled model shows them. */
export function withClasses({ modules, classes = [] }: KnownNetwork): ModuleSketch[] {
  const tensors = new Map(modules);
  const listed = classes.map(([path, className, attributes]): ModuleSketch => [
    path,
    tensors.get(path) ?? {},
    { className, attributes: new Map(Object.entries(attributes)) },
  ]);
  const paths = new Set(classes.map(([path]) => path));
  return [...listed, ...modules.filter(([path]) => !paths.has(path))];
}

/** How a pairing compares with the truth. Blocked pairs are neither found nor wrong. */
export interface Score {
  readonly truePairs: number;
  readonly found: number;
  readonly wrong: readonly string[];
}

/** Scores the pairs that are not blocked. */
export function scoreOf(network: KnownNetwork, pairing: Pairing): Score {
  const convByNorm = new Map(network.pairs.map(([conv, bn]) => [bn, conv]));
  const unreached = new Set(
    network.notPairs.filter(([, why]) => why === 'never run').map(([bn]) => bn),
  );
  const offered = pairing.pairs.filter(({ verdict }) => verdict !== 'blocked');
  const isTrue = (conv: string, bn: string): boolean => convByNorm.get(bn) === conv;
  return {
    truePairs: network.pairs.length,
    found: offered.filter(({ conv, bn }) => isTrue(conv.name, bn.name)).length,
    wrong: offered
      .filter(({ conv, bn }) => !isTrue(conv.name, bn.name) && !unreached.has(bn.name))
      .map(({ conv, bn }) => `${network.source}.${network.name}: ${conv.name} → ${bn.name}`),
  };
}

/** Sums of scores; `share` is found by true. */
export function totalOf(scores: readonly Score[]): Score & { readonly share: number } {
  const truePairs = scores.reduce((sum, score) => sum + score.truePairs, 0);
  const found = scores.reduce((sum, score) => sum + score.found, 0);
  return {
    truePairs,
    found,
    wrong: scores.flatMap(({ wrong }) => wrong),
    share: found / truePairs,
  };
}
