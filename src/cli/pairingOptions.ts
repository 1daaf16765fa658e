import { InvalidArgumentError, Option, type Command } from 'commander';
import { resolve } from 'node:path';
import type { PairingParams } from '../protocol/engine';

type EpsChoice = PairingParams['eps'][number];

/** The flags every command on a model shares, as commander hands them over. */
export interface PairingFlags {
  readonly policy: PairingParams['policy'];
  readonly eps: readonly EpsChoice[];
  readonly layout: PairingParams['layout'];
  readonly structure?: string;
  readonly json?: true;
}

/** Adds the flags of {@link PairingFlags} to a command. */
export function addPairingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--policy <policy>', 'which convolutions fold')
        .choices(['bevfusion', 'all'])
        .default('bevfusion'),
    )
    .addOption(
      new Option('--eps <x|prefix=x>', 'eps of all BatchNorms, or of those whose name begins so')
        .argParser(collectEps)
        .default([], 'as the file says'),
    )
    .addOption(
      new Option('--layout <layout>', 'how sparse weights are laid out')
        .choices(['auto', 'spconv1', 'spconv2'])
        .default('auto'),
    )
    .option('--structure <listing>', 'text of print(model) that tells classes and eps')
    .option('--json', 'print one JSON object and nothing else');
}

/** The engine's parameters for these flags. */
export function pairingParams(flags: PairingFlags, statistics: boolean): PairingParams {
  return {
    policy: flags.policy,
    eps: flags.eps,
    layout: flags.layout,
    structure: flags.structure === undefined ? null : resolve(flags.structure),
    statistics,
  };
}

function collectEps(text: string, earlier: readonly EpsChoice[]): EpsChoice[] {
  // A BatchNorm's name may hold an equals sign; a number never does.
  const cut = text.lastIndexOf('=');
  const digits = text.slice(cut + 1).trim();
  const value = Number(digits);
  if (digits === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('eps must be a number that is not negative.');
  }
  const prefix = text.slice(0, Math.max(cut, 0));
  return [...earlier.filter((choice) => choice.prefix !== prefix), { prefix, value }];
}
