import type { Command } from 'commander';
import { resolve } from 'node:path';
import { exitCodes, type Finish } from '../exitCodes';
import type { Output } from '../output';
import { addPairingOptions, pairingParams, type PairingFlags } from '../pairingOptions';
import { runJob } from '../runJob';
import { inspectText } from '../text/inspectText';

interface InspectFlags extends PairingFlags {
  readonly statistics?: true;
}

/** `fusebn inspect MODEL`: lists the pairs with their verdicts. */
export function addInspectCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('inspect')
    .description('list the pairs of a model, with verdicts and reasons')
    .argument('<model>', 'the model file')
    .option('--statistics', 'let the running statistics testify; reads the weights once');
  addPairingOptions(command).action(async (model: string, flags: InspectFlags) => {
    const isJson = flags.json === true;
    const params = {
      ...pairingParams(flags, flags.statistics === true),
      path: resolve(model),
    };
    finish(
      await runJob(output, isJson, async (jobs, context) => {
        const report = await jobs.inspect(params, context);
        if (isJson) output.printJson(report);
        else output.print(inspectText(report, output));
        return exitCodes.done;
      }),
    );
  });
}
