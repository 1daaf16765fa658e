import { decodeUtf8 } from '../../../bytes/utf8';
import { ModelFormatError, UnsupportedModelError } from '../../../errors';
import type { OpenedModel } from '../../../model/openedModel';
import type { ZipArchive } from '../../zip/readZip';
import { readZipEntry } from '../../zip/zipContent';
import type { ZipEntry } from '../../zip/zipEntry';
import { AbsentVectors } from '../graph/absentVectors';
import { ProgramModel } from '../programModel';
import { exportGraph } from './exportGraph';
import { exportTensors } from './exportTensors';
import { fieldOf, textOf } from './json';
import { parseModestJson } from './parseModestJson';

/** A network of a thousand layers has a program of some megabytes. */
const MAX_PROGRAM_BYTES = 24 * 1024 * 1024;

const modelFile = /^(.*?)models\/([^/]+)\.json$/;

/** Whether an archive is one of `torch.export.save`, new or old. */
export function isExport(archive: ZipArchive): boolean {
  return modelEntry(archive) !== undefined || isOldExport(archive);
}

/**
 * Opens an exported program (`.pt2`).
 * @throws ModelFormatError when the program or a tensor is damaged; UnsupportedModelError when it is older than
 * PyTorch 2.8, which kept its weights in archives within the archive.
 */
export function openExport(archive: ZipArchive): OpenedModel {
  const entry = modelEntry(archive);
  const [, prefix, model] = modelFile.exec(entry?.name ?? '') ?? [];
  if (entry === undefined || prefix === undefined || model === undefined) {
    throw new UnsupportedModelError(
      'This program was exported by PyTorch before 2.8. Load it with torch.export.load and save it again.',
    );
  }
  const program = readJson(archive, entry);
  const tensors = new Map(
    ['weights', 'constants'].flatMap((kind) => {
      const folder = `${prefix}data/${kind}/`;
      const config = archive.entriesByName.get(`${folder}${model}_${kind}_config.json`);
      const listed = config ? exportTensors(archive, folder, readJson(archive, config)) : [];
      return listed.map((tensor) => [tensor.name, tensor] as const);
    }),
  );
  const absent = new AbsentVectors();
  const version = textOf(fieldOf(program, 'torch_version'));
  return new ProgramModel({
    format: 'torch-export',
    producer: version === undefined ? null : `PyTorch ${version}`,
    archive,
    network: exportGraph(program, tensors, absent),
    problems: [],
    tensors,
    absent,
    readEncoded: (name) => {
      throw new ModelFormatError(`the data of ${name} are not plainly in the file`);
    },
  });
}

function modelEntry({ entries }: ZipArchive): ZipEntry | undefined {
  return entries.find(({ name }) => modelFile.test(name));
}

function isOldExport({ entries }: ZipArchive): boolean {
  return entries.some(({ name }) => name.endsWith('serialized_exported_program.json'));
}

function readJson(archive: ZipArchive, entry: ZipEntry): unknown {
  const text = decodeUtf8(readZipEntry(archive, entry, MAX_PROGRAM_BYTES));
  try {
    return parseModestJson(text);
  } catch (cause) {
    if (cause instanceof ModelFormatError) throw cause;
    throw new ModelFormatError(`${entry.name} is no valid JSON`, entry.headerOffset, { cause });
  }
}
