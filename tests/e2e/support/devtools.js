// What only the browser's own tools see: which threads there are, and what is in their memory.

const sessions = new Map();

/** The tools of a browser as a whole, from which every thread can be reached. */
function ofBrowser(browser) {
  if (!sessions.has(browser)) sessions.set(browser, browser.newBrowserCDPSession());
  return sessions.get(browser);
}

async function contextOf(page) {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.detach();
  return targetInfo.browserContextId;
}

const isWorkerOf = (contextId) => ({ type, browserContextId }) => /^(shared_)?worker$/.test(type) && browserContextId === contextId;

/** The workers of the visitor who has this page open. They can be listed when the page is closed as well. */
export async function workersOf(page) {
  const browser = page.context().browser();
  const session = await ofBrowser(browser);
  const contextId = await contextOf(page);
  const list = async () => {
    const { targetInfos } = await session.send('Target.getTargets');
    return targetInfos
      .filter(isWorkerOf(contextId))
      .map(({ targetId, type }) => ({ browser, targetId, type }));
  };
  return {
    list,
    /** Ends a worker as the browser does when it is short of memory. Nobody is told. */
    async kill(worker) {
      if (worker.type === 'shared_worker') {
        await session.send('Target.closeTarget', { targetId: worker.targetId });
        return;
      }
      // A worker of one page the tools cannot end, but it can be made to end itself, which its page is not told either.
      const tools = await openWorker(worker);
      await tools.send('Runtime.evaluate', { expression: 'close()' });
      await tools.detach().catch(() => {});
    },
  };
}

/** The tools of one worker. `hear` gets what they tell of themselves. */
export async function openWorker({ browser, targetId }, hear = () => {}) {
  const session = await ofBrowser(browser);
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map();
  let lastId = 0;
  const receive = (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error, method, params } = JSON.parse(event.message);
    if (method) hear(method, params);
    else if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
  };
  session.on('Target.receivedMessageFromTarget', receive);
  return {
    targetId,
    send: (method, params = {}) => new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: lastId, method, params }) }).catch(reject);
    }),
    async detach() {
      session.off('Target.receivedMessageFromTarget', receive);
      await session.send('Target.detachFromTarget', { sessionId });
    },
  };
}

/** What a tool tells of a console, or of an error that nobody caught. */
const SAYINGS = ['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded'];

/**
 * Listens to the workers of the visitor who has this page open, from now on. `hear` gets the kind of worker and a text. What a worker
 * said before the tools got to it, they tell as well. `settle` waits until all that was said has been heard: it has those workers that are
 * still there say a last word.
 */
export async function hearWorkers(page, hear) {
  const browser = page.context().browser();
  const session = await ofBrowser(browser);
  const contextId = await contextOf(page);
  const opened = [];
  const open = async ({ targetId, type }) => {
    const tools = await openWorker({ browser, targetId }, (method, params) => { if (SAYINGS.includes(method)) hear(type, JSON.stringify(params)); });
    for (const domain of ['Runtime', 'Log']) await tools.send(`${domain}.enable`);
    return tools;
  };
  session.on('Target.targetCreated', ({ targetInfo }) => { if (isWorkerOf(contextId)(targetInfo)) opened.push(open(targetInfo)); });
  await session.send('Target.setDiscoverTargets', { discover: true });
  return {
    async settle() {
      const { targetInfos } = await session.send('Target.getTargets');
      for (const tools of await Promise.all(opened)) {
        if (targetInfos.some(({ targetId }) => targetId === tools.targetId)) await tools.send('Runtime.evaluate', { expression: "console.debug('a last word')" });
      }
    },
  };
}

/** Every string of a page's heap, after its garbage was collected. */
export async function heapStrings(page) {
  const session = await page.context().newCDPSession(page);
  const chunks = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return JSON.parse(chunks.join('')).strings;
}

/**
 * The memories of WebAssembly in a thread, each as text of one character a byte. A heap snapshot does not show them. Other buffers the
 * tools do not hand out: those are found where they come in, or by whoever can reach them.
 */
const memoriesOf = (tools) => ofAll(tools, MEMORY, (memories) => memories.map(({ buffer }) => new TextDecoder('latin1').decode(buffer)));

const MEMORY = 'WebAssembly.Memory';

/** What a function, which runs in that thread, makes of all objects of a class. Garbage is collected first. */
async function ofAll(tools, className, make) {
  const { result: prototype } = await tools.send('Runtime.evaluate', { expression: `${className}.prototype` });
  const { objects } = await tools.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result } = await tools.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    returnByValue: true,
    functionDeclaration: `function () { return (${make})(this); }`,
  });
  for (const { objectId } of [prototype, objects]) await tools.send('Runtime.releaseObject', { objectId });
  return result.value;
}

export async function pageMemories(page) {
  const session = await page.context().newCDPSession(page);
  const memories = await memoriesOf(session);
  await session.detach();
  return memories;
}

export async function workerMemories(worker) {
  const tools = await openWorker(worker);
  const memories = await memoriesOf(tools);
  await tools.detach();
  return memories;
}

/** How many bytes of WebAssembly's memory a worker has. It never gives any of them back. */
export async function wasmMemory(worker) {
  const tools = await openWorker(worker);
  const bytes = await ofAll(tools, MEMORY, (memories) => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
  await tools.detach();
  return bytes;
}

/** How many objects of a class there are in a worker. */
export async function countInWorker(worker, className) {
  const tools = await openWorker(worker);
  const count = await ofAll(tools, className, (objects) => objects.length);
  await tools.detach();
  return count;
}

/** Has a page let go of whatever nobody can reach any more. */
export async function collectGarbage(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
}

/** Sets the wall clock of the workers of the visitor who has this page open. No timer notices, and no other clock. */
export async function turnWorkerClock(page, seconds) {
  for (const worker of await (await workersOf(page)).list()) {
    const tools = await openWorker(worker);
    const expression = `{ const { now } = Date; Date.now = () => now() + ${seconds * 1000}; }`;
    await tools.send('Runtime.evaluate', { expression });
    await tools.detach();
  }
}
