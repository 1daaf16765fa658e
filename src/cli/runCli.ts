import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { addDriftCommand } from './commands/driftCommand';
import { addFuseCommand } from './commands/fuseCommand';
import { addInspectCommand } from './commands/inspectCommand';
import { addStructureCommand } from './commands/structureCommand';
import { exitCodes, type Finish } from './exitCodes';
import { processOutput, type Output } from './output';
import { reportFailure } from './runJob';

/** Runs the command line `args` (without node and script) and sets the process's exit code. */
export async function runCli(args: readonly string[]): Promise<void> {
  // A reader that has seen enough (`| head`) closes the pipe; that is no failure of ours.
  process.stdout.on('error', ignoreClosedPipe);
  const output = processOutput();
  process.exitCode = await exitCodeOf(args, output);
}

async function exitCodeOf(args: readonly string[], output: Output): Promise<number> {
  const isJson = args.includes('--json');
  let exitCode: number = exitCodes.done;
  const program = makeProgram(output, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(output, isJson, error);
    if (error.exitCode === 0) return exitCodes.done;
    // Commander has said on stderr what is wrong already.
    if (isJson) output.printJson({ error: { code: 'USAGE', message: plainMessage(error) } });
    return exitCodes.usage;
  }
}

function makeProgram(output: Output, finish: Finish): Command {
  const program = new Command('fusebn')
    .description('Folds BatchNorms into the convolutions in front of them, in model files.')
    .version(version)
    .showHelpAfterError('Run with --help to see how it is used.')
    .exitOverride();
  addInspectCommand(program, output, finish);
  addFuseCommand(program, output, finish);
  addDriftCommand(program, output, finish);
  addStructureCommand(program, output, finish);
  return program;
}

function plainMessage({ message }: CommanderError): string {
  return message.replace(/^error: /, '');
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
