import type { Problem } from '../../model/pair';

/** Modules whose functions no checkpoint needs, and attacks do. */
const unsafeModules: ReadonlySet<string> = new Set([
  'os',
  'posix',
  'nt',
  'pty',
  'sys',
  'shutil',
  'socket',
  'subprocess',
  'runpy',
  'ctypes',
  'importlib',
  'webbrowser',
  'urllib.request',
]);

/** Functions of Python itself that run code or open files. */
const unsafeBuiltins =
  /^(builtins|__builtin__)\.(eval|exec|execfile|compile|open|input|__import__)$/;

/** Warns of functions that Python would call when it loads the pickle. Here nothing of it runs. */
export function unsafeNames(names: ReadonlySet<string>): Problem[] {
  return [...names]
    .filter((name) => {
      const module = name.slice(0, name.lastIndexOf('.'));
      return unsafeModules.has(module) || unsafeBuiltins.test(name);
    })
    .map((name) => ({
      severity: 'warning',
      message: `The pickle uses ${name}: loading this file in Python may run a program. Nothing of it is run here.`,
    }));
}
