import { InvalidArgumentError, Option, type Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { explainWriteError } from '../../engine/writer/outputErrors';
import type { DriftParams, DriftReport, RuntimeChoice } from '../../protocol/drift';
import { driftCsv } from '../../protocol/driftCsv';
import { exitCodes, type Finish } from '../exitCodes';
import type { Output } from '../output';
import { addPairingOptions, pairingParams, type PairingFlags } from '../pairingOptions';
import { runJob } from '../runJob';
import { driftText } from '../text/driftText';

interface DriftFlags extends PairingFlags {
  readonly input: DriftParams['inputs'];
  readonly axis: DriftParams['axes'];
  readonly samples: number;
  readonly seed: number;
  readonly runtime: RuntimeChoice;
  readonly isolatedOnly?: true;
  readonly csv?: string;
  readonly ranges?: string;
  readonly failUnder?: number;
}

/** `fusebn drift MODEL [FUSED]`: measures what folding changes, layer by layer. */
export function addDriftCommand(program: Command, output: Output, finish: Finish): void {
  const command = program
    .command('drift')
    .description('measure the difference between a model and its folded form')
    .argument('<model>', 'the model file')
    .argument('[fused]', 'a folded file, made by any tool (default: what fuse would write)')
    .option(
      '--input <name=file.npy>',
      'values of a network input (default: drawn from N(0, 1))',
      collectInput,
      [],
    )
    .option('--axis <name=size>', 'size of a symbolic axis of the inputs', collectAxis, [])
    .option('--samples <n>', 'how many inputs to run', sampleCount, 1)
    .option('--seed <s>', 'where the drawn numbers begin', integer, 0)
    .addOption(
      new Option('--runtime <runtime>', 'which build of ONNX Runtime runs the networks')
        .choices(['auto', 'native', 'wasm'])
        .default('auto'),
    )
    .option('--isolated-only', 'measure each pair on its own and run no network')
    .option('--csv <file>', 'write the layers as a table')
    .option('--ranges <file>', 'write the activation ranges that the BatchNorms promise, as JSON')
    .option('--fail-under <db>', 'exit with 3 when the SQNR of a layer is below', decibels);
  addPairingOptions(command).action(
    async (model: string, fused: string | undefined, flags: DriftFlags) => {
      finish(await measure(model, fused, flags, output));
    },
  );
}

function measure(
  model: string,
  fused: string | undefined,
  flags: DriftFlags,
  output: Output,
): Promise<number> {
  const isJson = flags.json === true;
  return runJob(output, isJson, async (jobs, context) => {
    const params: DriftParams = {
      ...pairingParams(flags, false),
      path: resolve(model),
      fused: fused === undefined ? null : resolve(fused),
      inputs: flags.input,
      axes: flags.axis,
      samples: flags.samples,
      seed: flags.seed,
      accumulated: flags.isolatedOnly !== true,
      runtime: flags.runtime,
    };
    const report = await jobs.drift(params, context, (progress) => {
      context.report(progress);
    });
    if (flags.csv !== undefined) writeTable(flags.csv, driftCsv(report));
    if (flags.ranges !== undefined) {
      const ranges = await jobs.promisedRanges(params, context);
      writeTable(flags.ranges, `${JSON.stringify(ranges, null, 1)}\n`);
    }
    if (isJson) output.printJson(report);
    else output.print(driftText({ ...report, reference: model, candidate: fused ?? null }, output));
    if (report.error !== undefined) {
      if (!isJson) output.complain(report.error.message);
      return exitCodes.failed;
    }
    return isBelow(report, flags.failUnder) ? exitCodes.belowThreshold : exitCodes.done;
  });
}

/** @throws RequestError when the disk does not take the file. */
function writeTable(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw explainWriteError(error, path);
  }
}

/** Whether some layer's SQNR, isolated or accumulated, is below the threshold. */
function isBelow(report: DriftReport, threshold: number | undefined): boolean {
  if (threshold === undefined) return false;
  const measured = report.layers.flatMap(({ isolated, accumulated }) => [isolated, accumulated]);
  return measured.some((metrics) => {
    if (metrics === null || metrics.sqnrDb === 'identical') return false;
    return metrics.sqnrDb === 'not finite' || metrics.sqnrDb < threshold;
  });
}

function collectInput(text: string, earlier: DriftParams['inputs']): DriftParams['inputs'] {
  const [name, file] = splitAtEquals(text, 'an input is given as NAME=FILE.npy.');
  return [...earlier, { name, path: resolve(file) }];
}

function collectAxis(text: string, earlier: DriftParams['axes']): DriftParams['axes'] {
  const [name, size] = splitAtEquals(text, 'an axis is given as NAME=SIZE.');
  return [...earlier, { name, size: positiveInteger(size) }];
}

/** Cuts at the first equals sign after the name; names of ONNX values may hold any other sign. */
function splitAtEquals(text: string, message: string): [string, string] {
  const cut = text.indexOf('=');
  if (cut <= 0 || cut === text.length - 1) throw new InvalidArgumentError(message);
  return [text.slice(0, cut), text.slice(cut + 1)];
}

function positiveInteger(text: string): number {
  const value = integer(text);
  if (value < 1) throw new InvalidArgumentError('it must be 1 or more.');
  return value;
}

/** Each sample is kept, for every channel of a layer; the setting in the editor has the same limit. */
const MAX_SAMPLES = 1000;

function sampleCount(text: string): number {
  const value = positiveInteger(text);
  if (value > MAX_SAMPLES) throw new InvalidArgumentError(`it must be ${MAX_SAMPLES} or less.`);
  return value;
}

function integer(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('it must be a whole number.');
  }
  return value;
}

function decibels(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError('it must be a number of decibels.');
  }
  return value;
}
