// Standard output is for the program's own lines. The library's notices, which matter only in
// production, go to standard error, or nowhere if the start is quiet.
const quiet = process.argv.includes('--quiet');

function elsewhere(...words) {
  if (!quiet) console.error(...words);
}

console.log = elsewhere;
console.info = elsewhere;
console.warn = elsewhere;
