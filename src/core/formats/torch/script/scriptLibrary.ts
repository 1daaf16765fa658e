import { decodeUtf8 } from '../../../bytes/utf8';
import type { ZipArchive } from '../../zip/readZip';
import { readZipEntry } from '../../zip/zipContent';
import { parseScript } from './parseScript';
import type { ClassDef, FunctionDef, ScriptFile } from './syntax';

/** A network's code is some hundred kilobytes, in at most some thousand files. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
/** All files together; the code of the largest networks has some hundred thousand. */
const MAX_TOKENS = 1_000_000;

/** The code of an archive; a file is read and parsed when something in it is asked for. */
export class ScriptLibrary {
  private readonly files = new Map<string, ScriptFile | null>();
  private tokensLeft = MAX_TOKENS;

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
      const code = decodeUtf8(readZipEntry(this.archive, entry, MAX_FILE_BYTES));
      file = parseScript(code, this.tokensLeft);
      this.tokensLeft -= file.tokenCount;
    }
    this.files.set(module, file);
    return file;
  }
}

function split(qualifiedName: string): { readonly module: string; readonly name: string } {
  const dot = qualifiedName.lastIndexOf('.');
  return { module: qualifiedName.slice(0, dot), name: qualifiedName.slice(dot + 1) };
}
