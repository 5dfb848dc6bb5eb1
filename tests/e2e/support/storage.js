// Everything that a browser can keep for an origin.

/** Reads it all, in a page of that origin. */
export async function storageOf(page) {
  const seen = await page.evaluate(async () => {
    const done = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const databases = {};
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name));
      databases[name] = {};
      for (const storeName of database.objectStoreNames) {
        const store = database.transaction(storeName).objectStore(storeName);
        const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
        databases[name][storeName] = keys.map((key, index) => ({ key, value: values[index] }));
      }
      database.close();
    }
    const cached = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) cached.push({ name, url: request.url, body: await (await cache.match(request)).text() });
    }
    const files = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
    return {
      databases,
      cached,
      files,
      localStorage: { ...localStorage },
      sessionStorage: { ...sessionStorage },
      documentCookie: document.cookie,
      windowName: window.name,
      historyState: history.state,
      serviceWorkers: (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope),
    };
  });
  return { ...seen, cookies: await page.context().cookies(new URL(page.url()).origin) };
}

/** Reads it from a tab of its own, which does not run the app. What belongs to one tab alone is not seen there. */
export async function storageFromBeside(context, site) {
  const beside = await context.newPage();
  await beside.goto(site.blank);
  const storage = await storageOf(beside);
  await beside.close();
  return storage;
}

/** The addresses in the tab's history, oldest first. */
export async function historyOf(page) {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  await session.detach();
  return entries.map(({ url }) => url);
}
