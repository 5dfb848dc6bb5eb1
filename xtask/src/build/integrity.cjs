// Prints the digest of a file, as browsers compare it with what they load (Subresource Integrity).
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

console.log(`sha256-${createHash('sha256').update(readFileSync(process.argv.at(-1))).digest('base64')}`);
