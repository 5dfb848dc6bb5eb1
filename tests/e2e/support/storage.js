// Everything that a browser can store for an origin.

/** Reads all of it, in a page of that origin. */
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

/** Reads it from a separate tab, which does not run the app. Storage of a single tab is not visible there. */
export async function storageFromSecondTab(context, site) {
  const second = await context.newPage();
  await second.goto(site.blank);
  const storage = await storageOf(second);
  await second.close();
  return storage;
}

/** The URLs in the tab's history, oldest first. */
export async function historyOf(page) {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send('Page.getNavigationHistory');
  await session.detach();
  return entries.map(({ url }) => url);
}
