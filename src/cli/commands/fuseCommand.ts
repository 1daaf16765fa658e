import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { EngineJobs } from '../../engine/jobs/engineJobs';
import type { JobContext } from '../../engine/jobs/jobContext';
import type { FoldMode } from '../../core/model/openedModel';
import { CANCELLED, toEngineError } from '../../engine/engineError';
import type { FuseParams } from '../../protocol/engine';
import type { FuseReport } from '../../protocol/reports';
import { exitCodes, type Finish } from '../exitCodes';
import type { Output } from '../output';
import { addPairingOptions, pairingParams, type PairingFlags } from '../pairingOptions';
import { reportFailure, runJob } from '../runJob';
import { fuseText } from '../text/fuseText';

interface FuseFlags extends PairingFlags {
  readonly output?: string;
  readonly mode: FoldMode;
  readonly only?: readonly string[];
  readonly skip: readonly string[];
  readonly statistics: boolean;
  readonly loader?: true;
  readonly overwrite?: true;
}

/** `fusebn fuse MODEL…`: writes each model anew with its pairs folded. */
export function addFuseCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('fuse')
    .description('fold the pairs of models into new files')
    .argument('<model...>', 'the model files')
    .option('-o, --output <file>', 'where to write (default: <name>.fused.<ext> beside the model)')
    .addOption(
      program
        .createOption('--mode <mode>', 'remove folded BatchNorms, or keep them as identities')
        .choices(['fold', 'drop-in'])
        .default('fold'),
    )
    .option('--only <ids>', 'fold these pairs and nothing else', collectIds)
    .option('--skip <ids>', 'leave these pairs', collectIds, [])
    .option('--no-statistics', 'do not let the running statistics testify')
    .option('--loader', 'write Python that loads the folded checkpoint, beside it')
    .option('--overwrite', 'replace an output that exists');
  addPairingOptions(command).action(async (models: readonly string[], flags: FuseFlags) => {
    if (flags.output !== undefined && models.length > 1) {
      command.error('error: --output takes one model, not several.');
    }
    const onnx = models.find((model) => /\.onnx$/i.test(model));
    if (flags.loader && onnx !== undefined) {
      command.error(`error: --loader is Python for a PyTorch checkpoint, which ${onnx} is not.`);
    }
    finish(await fuseAll(models, flags, output));
  });
}

function fuseAll(models: readonly string[], flags: FuseFlags, output: Output): Promise<number> {
  const isJson = flags.json === true;
  return runJob(output, isJson, async (jobs, context) => {
    const [only] = models;
    if (models.length === 1 && only !== undefined) {
      const report = await fuseOne(jobs, context, only, flags);
      if (isJson) output.printJson(report);
      else output.print(fuseText(report, output));
      return exitCodes.done;
    }
    return fuseSeveral(jobs, context, models, flags, output);
  });
}

/** Several models: one that fails does not keep the others from being done. JSON lists their answers in order. */
async function fuseSeveral(
  jobs: EngineJobs,
  context: JobContext,
  models: readonly string[],
  flags: FuseFlags,
  output: Output,
): Promise<number> {
  const isJson = flags.json === true;
  const results: unknown[] = [];
  let exitCode: number = exitCodes.done;
  for (const model of models) {
    try {
      const report = await fuseOne(jobs, context, model, flags);
      results.push(report);
      if (!isJson) output.print(fuseText(report, output));
    } catch (error) {
      const { code, message } = toEngineError(error);
      if (code === CANCELLED) throw error;
      results.push({ input: model, error: { code, message } });
      exitCode = exitCodes.failed;
      if (!isJson) reportFailure(output, false, error);
    }
  }
  if (isJson) output.printJson({ schema: 1, results });
  return exitCode;
}

async function fuseOne(
  jobs: EngineJobs,
  context: JobContext,
  model: string,
  flags: FuseFlags,
): Promise<FuseReport> {
  const params: FuseParams = {
    ...pairingParams(flags, flags.statistics),
    path: resolve(model),
    output: flags.output === undefined ? null : resolve(flags.output),
    mode: flags.mode,
    only: flags.only ?? null,
    skip: flags.skip,
    loader: flags.loader === true,
    overwrite: flags.overwrite === true,
  };
  return jobs.fuse(params, context);
}

/** Names may hold commas, so only who knows the ids can tell where one ends. */
function collectIds(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}
