import type { EngineClient } from '../engine/engineClient';

/** What the server needs of an engine; `EngineClient` is one, tests bring their own. */
export type Engine = Pick<
  EngineClient,
  'inspect' | 'fuse' | 'structure' | 'statisticsPicture' | 'surroundings' | 'dispose'
>;

/** Jobs of one engine run one after the other, so work that nobody waits for has an engine of its own. */
export interface Engines {
  readonly foreground: Engine;
  readonly background: Engine;
}

/** Runs of whole networks take as long as they take, so they have an engine too. */
export interface ServerEngines extends Engines {
  readonly measuring: MeasuringEngine;
}

export type MeasuringEngine = Pick<EngineClient, 'drift' | 'driftDetail' | 'dispose'>;
