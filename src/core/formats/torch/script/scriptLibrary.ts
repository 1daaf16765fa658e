import { decodeUtf8 } from '../../../bytes/utf8';
import { ModelFormatError } from '../../../errors';
import type { ZipArchive } from '../../zip/readZip';
import { readZipEntry } from '../../zip/zipContent';
import { parseScript } from './parseScript';
import type { ClassDef, FunctionDef, ScriptFile } from './syntax';

/** A network's code is some hundred kilobytes, in at most some thousand files. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_CODE_BYTES = 32 * 1024 * 1024;

/** The code of an archive; a file is read and parsed when something in it is asked for. */
export class ScriptLibrary {
  private readonly files = new Map<string, ScriptFile | null>();
  private readBytes = 0;

  /** `prefix` is the archive's top folder with its slash. */
  constructor(
    private readonly archive: ZipArchive,
    private readonly prefix: string,
  ) {}

  /** The class of that qualified name; null when the archive has none. */
  classOf(qualifiedName: string): ClassDef | null {
    const { module, name } = split(qualifiedName);
    return this.file(module)?.classes.get(name) ?? null;
  }

  functionOf(qualifiedName: string): FunctionDef | null {
    const { module, name } = split(qualifiedName);
    return this.file(module)?.functions.get(name) ?? null;
  }

  private file(module: string): ScriptFile | null {
    const known = this.files.get(module);
    if (known !== undefined) return known;
    const entry = this.archive.entriesByName.get(
      `${this.prefix}code/${module.replaceAll('.', '/')}.py`,
    );
    let file: ScriptFile | null = null;
    if (entry !== undefined) {
      this.readBytes += entry.size;
      if (this.readBytes > MAX_CODE_BYTES) {
        throw new ModelFormatError(`the archive holds more than ${MAX_CODE_BYTES} bytes of code`);
      }
      file = parseScript(decodeUtf8(readZipEntry(this.archive, entry, MAX_FILE_BYTES)));
    }
    this.files.set(module, file);
    return file;
  }
}

function split(qualifiedName: string): { readonly module: string; readonly name: string } {
  const dot = qualifiedName.lastIndexOf('.');
  return { module: qualifiedName.slice(0, dot), name: qualifiedName.slice(dot + 1) };
}
