import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** The yardstick: the simplest loop that copies a file in Node, in blocks of 1 MiB. */
const [input = '', output = ''] = process.argv.slice(2);
const from = openSync(input, 'r');
const to = openSync(output, 'w');
const block = Buffer.alloc(1024 * 1024);
for (;;) {
  const count = readSync(from, block, 0, block.length, null);
  if (count === 0) break;
  writeSync(to, block, 0, count, null);
}
closeSync(from);
closeSync(to);
