import type { Policy } from '../core/model/pair';
import type { FoldMode } from '../core/model/openedModel';
import type { DriftParams } from './drift';
import type { PairingParams } from './engine';

/** How the fused file of a checkpoint is written; `ask` leaves the choice to each fuse. */
export type CheckpointMode = 'ask' | 'fold' | 'fold-with-loader' | 'drop-in';

/** The section `fusebn` of VS Code's settings, as typed values. */
export interface Settings {
  readonly policy: Policy;
  readonly eps: PairingParams['eps'];
  readonly outputName: string;
  readonly checkpointMode: CheckpointMode;
  readonly backgroundStatistics: boolean;
  readonly drift: DriftSettings;
}

/** How drift is measured (`fusebn.drift.*`). */
export type DriftSettings = Pick<DriftParams, 'samples' | 'seed' | 'runtime' | 'accumulated'>;

export const defaultSettings: Settings = {
  policy: 'bevfusion',
  eps: [],
  outputName: '${fileBasenameNoExtension}.fused${fileExtname}',
  checkpointMode: 'ask',
  backgroundStatistics: true,
  drift: { samples: 1, seed: 0, runtime: 'auto', accumulated: true },
};

/** Stands for every BatchNorm in the setting `fusebn.epsilon`. */
const ANY_PREFIX = '*';

/** Reads the section from what VS Code hands over; a value of the wrong kind counts as its default. */
export function decodeSettings(section: unknown): Settings {
  const values = isRecord(section) ? section : {};
  return {
    policy: oneOf(values['policy'], ['bevfusion', 'all'], defaultSettings.policy),
    eps: decodeEps(values['epsilon']),
    outputName: decodeOutputName(values['outputName']),
    checkpointMode: oneOf(
      values['checkpointMode'],
      ['ask', 'fold', 'fold-with-loader', 'drop-in'],
      defaultSettings.checkpointMode,
    ),
    backgroundStatistics: values['backgroundStatistics'] !== false,
    drift: decodeDrift(values['drift']),
  };
}

/** More inputs than this tell nothing new and take hours. */
const MAX_SAMPLES = 1000;

function decodeDrift(value: unknown): DriftSettings {
  const values = isRecord(value) ? value : {};
  const { samples, seed } = defaultSettings.drift;
  const count = values['samples'];
  const isCount = Number.isInteger(count) && Number(count) >= 1 && Number(count) <= MAX_SAMPLES;
  return {
    samples: isCount ? Number(count) : samples,
    seed: Number.isSafeInteger(values['seed']) ? Number(values['seed']) : seed,
    runtime: oneOf(values['runtime'], ['auto', 'native', 'wasm'], defaultSettings.drift.runtime),
    accumulated: values['accumulated'] !== false,
  };
}

/** What the settings say about finding pairs. */
export function pairingParams(settings: Settings, statistics: boolean): PairingParams {
  const { policy, eps } = settings;
  return { policy, eps, layout: 'auto', structure: null, statistics };
}

/** Mode and loader of a chosen checkpoint mode. */
export function foldChoice(mode: Exclude<CheckpointMode, 'ask'>): {
  readonly mode: FoldMode;
  readonly loader: boolean;
} {
  return { mode: mode === 'drop-in' ? 'drop-in' : 'fold', loader: mode === 'fold-with-loader' };
}

function decodeEps(value: unknown): PairingParams['eps'] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, eps]) =>
    typeof eps === 'number' && eps > 0
      ? [{ prefix: key === ANY_PREFIX ? '' : key, value: eps }]
      : [],
  );
}

function decodeOutputName(value: unknown): string {
  // A folder in the name could put the file anywhere; the setting is for names only.
  const isName = typeof value === 'string' && value.trim() !== '' && !/[/\\]/.test(value);
  return isName ? value.trim() : defaultSettings.outputName;
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((candidate) => candidate === value) ?? fallback;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
