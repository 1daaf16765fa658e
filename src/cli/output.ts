import { styleText } from 'node:util';

/** Where a command's words go. With `--json`, stdout carries one object and nothing else. */
export interface Output {
  /** Text for people, on stdout. */
  print(text: string): void;
  /** The one JSON object, on stdout. */
  printJson(value: unknown): void;
  /** One sentence on stderr. */
  complain(sentence: string): void;
  /** Colours `text` where stdout is a terminal that wants it. */
  paint(color: Color, text: string): string;
}

export type Color = 'green' | 'yellow' | 'red' | 'dim' | 'bold' | 'cyan';

/** Output to the process's own streams. */
export function processOutput(): Output {
  const isColored = wantsColor(process.stdout.isTTY, process.env);
  return {
    print: (text) => {
      process.stdout.write(`${text}\n`);
    },
    printJson: (value) => {
      process.stdout.write(`${JSON.stringify(value)}\n`);
    },
    complain: (sentence) => {
      process.stderr.write(`fusebn: ${sentence}\n`);
    },
    paint: (color, text) => (isColored ? styleText(color, text) : text),
  };
}

/** `NO_COLOR` (https://no-color.org) wins over everything, `FORCE_COLOR` over what the stream is. */
export function wantsColor(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}
