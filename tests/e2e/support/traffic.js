// Counts the cost of an operation: requests by their target, and messages over the port by their content. The policies of the page and of
// its worker allow no other target.

/** Where a page stores its counts. They outlive the page, and include its last messages. */
const KEY = 'traffic';

/** Runs in pages, before anything else there. */
function installCounters(key) {
  if (!location.protocol.startsWith('http')) return;
  const documents = JSON.parse(sessionStorage.getItem(key) ?? '[]');
  documents.push({ 'to the vault': {}, 'from the vault': {} });
  const save = () => sessionStorage.setItem(key, JSON.stringify(documents));
  save();
  const count = (direction, what) => {
    const counts = documents.at(-1)[direction];
    counts[what] = (counts[what] ?? 0) + 1;
    save();
  };
  window.resetTraffic = () => {
    documents.splice(0, documents.length, { 'to the vault': {}, 'from the vault': {} });
    save();
  };
  // A vault that takes more than a second to start is called once more. The load of the machine must not count.
  const { setTimeout: later } = window;
  window.setTimeout = (work, delay = 0, ...given) => later(work, delay * 30, ...given);
  let stays;
  window.hasSaidThatItStays = new Promise((resolve) => { stays = resolve; });
  const called = new Map();
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function send(message, ...rest) {
    if (message?.call) called.set(message.id, message.call);
    if (message?.event === 'locked') stays();
    count('to the vault', message?.call ? `call ${message.call}` : `event ${message?.event}`);
    return postMessage.call(this, message, ...rest);
  };
  const property = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...property,
    set(listener) {
      property.set.call(this, listener && function hear(event) {
        const { id, event: name } = event.data ?? {};
        count('from the vault', name === 'answer' ? `answer to ${called.get(id)}` : `event ${name}`);
        if (name === 'answer') called.delete(id);
        return listener.call(this, event);
      });
    },
  });
}

/** How often each of these strings occurs. */
function tally(texts) {
  const counts = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}

/** Counts in all pages of a context from the next one on. */
export async function countTraffic({ context, control, site }) {
  await context.addInitScript({ content: `(${installCounters})(${JSON.stringify(KEY)});` });

  /** The messages of the pages that this tab has had, the last one last. Everything before this call has been counted. */
  async function documents(page) {
    // The browser takes a while to grant a lock.
    await page.evaluate(() => window.auth && window.hasSaidThatItStays);
    // The vault answers in order, and this call is not one of the app's.
    await page.evaluate(() => window.auth?.accessToken().catch(() => {}));
    const counted = JSON.parse(await page.evaluate((key) => sessionStorage.getItem(key), KEY));
    for (const counts of counted.flatMap(Object.values)) for (const what of ['call accessToken', 'answer to accessToken']) delete counts[what];
    return counted;
  }

  return {
    documents,
    /** Clears the counts. */
    async begin(...pages) {
      for (const page of pages) {
        await documents(page);
        await page.evaluate(() => window.resetTraffic());
      }
      control.clearLog();
      site.requests.length = 0;
    },
    /** The requests since then: files by their name, requests to the provider and to APIs by their endpoint. */
    requests: () => ({
      'to the host': tally(site.requests.map(({ name }) => name)),
      'to the provider': tally(control.log().map(({ endpoint, method, path }) => `${method} ${endpoint ?? path}`)),
    }),
  };
}
