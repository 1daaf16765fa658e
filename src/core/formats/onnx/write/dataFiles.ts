import type { ByteSource } from '../../../bytes/byteSource';
import { ModelFormatError } from '../../../errors';
import type { OnnxRecord, TensorRecord } from '../records';
import { fieldNumbers } from '../fieldNumbers';
import { decodeMessage } from '../schema';
import { asMessage, fieldsOf } from '../wire/fields';
import { DataFilePlan } from './dataFilePlan';
import { textField } from './protoPieces';
import type { WriteContext } from './writeContext';

/**
 * A new data file for each that the model refers to, so that the output needs none of the original's files.
 * It is called after the output and the original: `model.fused.weights.bin`.
 * @throws ModelFormatError when values lie out of reach, as the output could not be complete.
 */
export function planDataFiles(
  { externalTensors }: OnnxRecord,
  sources: readonly ByteSource[],
  outputName: string,
): ReadonlyMap<number, DataFilePlan> {
  const stem = outputName.replace(/\.[^.]*$/, '');
  const taken = new Set([outputName, ...sources.map(({ name }) => baseName(name))].map(folded));
  const plans = new Map<number, DataFilePlan>();
  for (const { tensor, dataFile } of externalTensors) {
    const { location } = tensor;
    if (location.kind === 'absent') {
      throw new ModelFormatError(
        `${tensor.name} cannot be read: ${location.why ?? 'its data file is missing'}`,
      );
    }
    const source = dataFile === null ? undefined : sources[dataFile];
    if (dataFile === null || source === undefined || plans.has(dataFile)) continue;
    const name = freeName(taken, stem, baseName(source.name));
    plans.set(dataFile, new DataFilePlan(name, dataFile, source));
  }
  return plans;
}

/** Names differ in more than case, as two files of a folder must on some systems. */
function freeName(taken: Set<string>, stem: string, base: string): string {
  let name = `${stem}.${base}`;
  for (let count = 2; taken.has(folded(name)); count++) name = `${stem}.${count}.${base}`;
  taken.add(folded(name));
  return name;
}

function folded(name: string): string {
  return name.toLowerCase();
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}

/**
 * Makes every external tensor that stays point at the new files, which are returned. Checksums of changed files are
 * dropped: they were taken over the whole original.
 */
export function retargetTensors(ctx: WriteContext): DataFilePlan[] {
  const used = new Set<DataFilePlan>();
  for (const record of ctx.record.externalTensors) {
    const file = record.dataFile === null ? undefined : ctx.dataFiles.get(record.dataFile);
    if (file === undefined || ctx.removal.isRemoved(record)) continue;
    used.add(file);
    retarget(ctx, record, file);
  }
  return [...ctx.dataFiles.values()].filter((file) => used.has(file) || file.hasAppended);
}

function retarget(
  { reader, edits }: WriteContext,
  { span }: TensorRecord,
  file: DataFilePlan,
): void {
  for (const field of fieldsOf(reader, span)) {
    if (field.number !== fieldNumbers.tensor.externalData) continue;
    const entry = asMessage(field, span);
    const { key } = decodeMessage('Entry', reader.bytes(entry.from, entry.end), entry.from);
    if (key === 'checksum' && file.isChanged) {
      edits.push({ within: span, start: field.start, end: field.end, pieces: [] });
    }
    if (key !== 'location') continue;
    for (const { number, start, end } of fieldsOf(reader, entry)) {
      if (number !== fieldNumbers.entry.value) continue;
      edits.push({ within: entry, start, end, pieces: textField(number, file.name) });
    }
  }
}
