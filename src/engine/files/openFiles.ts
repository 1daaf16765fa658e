/** What is open and can be opened again when it is needed. */
interface Reopenable {
  close(): void;
}

/**
 * Originals that one thread keeps open at once. A model may have a data file for each of a thousand tensors, and some
 * systems allow a process 64 open files, of which Node.js takes up to forty.
 */
const MAX_OPEN = 8;

/** The open originals of this thread, the one used last behind the others. */
const open = new Set<Reopenable>();
let latest: Reopenable | null = null;

/** Notes that `file` is open and in use; of too many, the one that was used longest ago is closed. */
export function noteUse(file: Reopenable): void {
  if (latest === file) return;
  latest = file;
  open.delete(file);
  open.add(file);
  if (open.size <= MAX_OPEN) return;
  const [oldest] = open;
  oldest?.close();
}

/** Notes that `file` is closed. */
export function noteClose(file: Reopenable): void {
  open.delete(file);
  if (latest === file) latest = null;
}
