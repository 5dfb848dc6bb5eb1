// Prints the SHA-256 digest and the name of every file in a folder.
const { createHash } = require('node:crypto');
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const folder = process.argv.at(-1);
for (const name of readdirSync(folder).sort()) {
  console.log(`${createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')}  ${name}`);
}
