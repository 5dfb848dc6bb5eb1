// Every place of a page in which a secret could be found.
import { heapStrings, pageMemories } from './devtools.js';
import { historyOf, storageOf } from './storage.js';

/** Runs in pages: what can be found in the document and through the global object. */
function inPage() {
  const nodes = [document];
  const documentTexts = [document.documentElement.outerHTML];
  while (nodes.length > 0) {
    const node = nodes.pop();
    // The value of a list item is a number.
    documentTexts.push(node.nodeValue ?? '', String(node.value ?? ''));
    nodes.push(...node.childNodes, ...(node.shadowRoot ? [node.shadowRoot] : []));
  }
  return {
    document: documentTexts,
    'performance entries': performance.getEntries().flatMap((entry) => window.stringsOf(entry, { inherited: true })),
    'what the global object leads to': window.stringsOf(window, { most: 300_000, inherited: true }),
  };
}

/**
 * Reads all of it, as strings by place. `spied` is what `spy` recorded, `watched` what `watch` recorded. The secrets must not be
 * sent to the page: the search happens here.
 */
export async function searchablePlaces(page, { spied, watched }) {
  const { databases, cached, cookies, documentCookie, localStorage, sessionStorage, ...rest } = await storageOf(page);
  const texts = (value) => [JSON.stringify(value)];
  return {
    'strings of the heap': await heapStrings(page),
    'memories of WebAssembly': await pageMemories(page),
    localStorage: texts(localStorage),
    sessionStorage: texts(sessionStorage),
    IndexedDB: texts(databases),
    caches: texts(cached),
    cookies: texts([cookies, documentCookie]),
    'files, window.name, history.state, service workers': texts(rest),
    'address and history': [page.url(), ...await historyOf(page)],
    console: watched.said,
    ...spied,
    ...await page.evaluate(inPage),
    'names of locks': texts(await page.evaluate(() => navigator.locks.query())),
  };
}
