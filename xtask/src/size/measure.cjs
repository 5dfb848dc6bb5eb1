// Prints the size of each file: as it is, with gzip and with brotli.
const { readFileSync } = require("node:fs");
const { brotliCompressSync, constants, gzipSync } = require("node:zlib");

for (const file of process.argv.slice(1)) {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const sizes = [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes, { params })];
  console.log(sizes.map(({ length }) => length).join(" "));
}
