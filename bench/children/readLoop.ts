import { closeSync, openSync, readSync } from 'node:fs';

/** The yardstick of the statistics: the simplest loop that reads a file in Node, in blocks of 1 MiB. */
const [input = ''] = process.argv.slice(2);
const file = openSync(input, 'r');
const block = Buffer.alloc(1024 * 1024);
while (readSync(file, block, 0, block.length, null) > 0);
closeSync(file);
