import type { Command } from 'commander';
import { resolve } from 'node:path';
import { exitCodes, type Finish } from '../exitCodes';
import type { Output } from '../output';
import { addPairingOptions, pairingParams, type PairingFlags } from '../pairingOptions';
import { runJob } from '../runJob';

interface StructureFlags extends PairingFlags {
  readonly fused?: true;
}

/** `fusebn structure MODEL`: prints the model in the language of its own world. */
export function addStructureCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('structure')
    .description('print the structure of a model')
    .argument('<model>', 'the model file')
    .option('--fused', 'as it is after folding');
  addPairingOptions(command).action(async (model: string, flags: StructureFlags) => {
    const isJson = flags.json === true;
    const variant = flags.fused === true ? ('fused' as const) : ('original' as const);
    const params = { ...pairingParams(flags, false), path: resolve(model), variant };
    finish(
      await runJob(output, isJson, async (jobs, context) => {
        const listing = await jobs.structure(params, context);
        if (isJson) output.printJson(listing);
        else output.print(listing.text.replace(/\n$/, ''));
        return exitCodes.done;
      }),
    );
  });
}
