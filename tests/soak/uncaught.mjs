// Uncaught errors, in pages and in workers.
import { hearWorkers } from '../e2e/support/devtools.js';

export async function watchErrors({ ledger, world: { context } }) {
  const add = (place, text) => ledger.uncaught.push({ at: ledger.now(), place, text: text.slice(0, 500) });
  context.on('weberror', (error) => add('page', String(error.error()?.stack ?? error.error())));
  context.on('page', (page) => page.on('crash', () => add('page', 'crashed')));
  const blank = await context.newPage();
  await hearWorkers(blank, (kind, said) => {
    const { exceptionDetails } = JSON.parse(said);
    if (exceptionDetails) add(kind, exceptionDetails.exception?.description ?? exceptionDetails.text);
  });
  await blank.close();
}
