// The one line on standard output is for programs. The library's notices, which matter only in
// production, go to standard error, or nowhere if the start is quiet.
const quiet = process.argv.includes('--quiet');

function elsewhere(...words) {
  if (!quiet) console.error(...words);
}

console.log = elsewhere;
console.info = elsewhere;
console.warn = elsewhere;
