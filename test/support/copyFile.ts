import { closeSync, openSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { toEngineError } from '../../src/engine/engineError';
import { FileSource } from '../../src/engine/files/fileSource';
import { JobContext } from '../../src/engine/jobs/jobContext';
import { writeOutput } from '../../src/engine/writer/writeOutput';
import { WriterThread } from '../../src/engine/writer/writerThread';

/**
 * Copies a file by the engine's writer, to be interrupted from outside; prints the code of a failure.
 * With `--fill`, somebody else fills the disk as soon as the first block is written.
 */
async function copy(input: string, output: string, fills: boolean): Promise<void> {
  const source = new FileSource(input);
  const length = source.sizeBytes;
  const helper = fills ? null : new WriterThread(join(__dirname, 'writerWorker.js'));
  const file = {
    name: basename(output),
    pieces: [{ kind: 'copy' as const, source: 0, offset: 0, length }],
    checksums: [],
  };
  const request = {
    plan: { files: [file] },
    sources: [source],
    folder: dirname(output),
    overwrite: false,
    helper,
    verify: () => undefined,
  };
  const context = new JobContext(undefined, () => {
    if (fills) fillDisk(dirname(output));
  });
  try {
    await writeOutput(request, context);
  } catch (error) {
    console.error(toEngineError(error).code);
    process.exitCode = 1;
  } finally {
    await helper?.dispose();
  }
}

function fillDisk(folder: string): void {
  const file = openSync(join(folder, 'somebody-else'), 'a');
  try {
    for (;;) writeSync(file, Buffer.alloc(64 * 1024));
  } catch {
    // Full: that is what was wanted.
  } finally {
    closeSync(file);
  }
}

const [input = '', output = '', flag] = process.argv.slice(2);
void copy(input, output, flag === '--fill');
