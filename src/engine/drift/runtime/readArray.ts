import { readFileSync } from 'node:fs';
import { readNpy, type NpyArray } from '../../../core/drift/npy';
import { ModelFormatError } from '../../../core/errors';
import { readZip } from '../../../core/formats/zip/readZip';
import { readZipEntry } from '../../../core/formats/zip/zipContent';
import { FileSource } from '../../files/fileSource';

/** Arrays are inputs of networks; one that unpacks to more is a mistake or a bomb. */
const MAX_ARRAY_BYTES = 2 ** 31;

/**
 * Reads an array from `FILE.npy`, from `FILE.npz#member`, or from `FILE.npz` the member of the input's own name or
 * the only one.
 * @throws ModelFormatError with one plain sentence; Node's own error where the file cannot be read.
 */
export function readArray(path: string, inputName: string): NpyArray {
  const archive = /^(.*\.npz)(?:#(.+))?$/i.exec(path);
  if (archive === null) return readNpy(new Uint8Array(readFileSync(path)), path);
  const [, file = '', member = inputName] = archive;
  const source = new FileSource(file);
  try {
    const zip = readZip(source);
    const entries = zip.entries.filter(({ name }) => name.endsWith('.npy'));
    const entry =
      entries.find(({ name }) => name === `${member}.npy`) ??
      (archive[2] === undefined && entries.length === 1 ? entries[0] : undefined);
    if (entry === undefined) {
      const names = entries.map(({ name }) => name.slice(0, -'.npy'.length)).join(', ');
      throw new ModelFormatError(`${file} has no array ${member}; it has ${names}`);
    }
    return readNpy(readZipEntry(zip, entry, MAX_ARRAY_BYTES), `${file}#${entry.name}`);
  } finally {
    source.close();
  }
}
