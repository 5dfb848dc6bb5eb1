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

/** The workers of the visitor who has this page open. They can be listed when the page is closed as well. */
export async function workersOf(page) {
  const browser = page.context().browser();
  const session = await ofBrowser(browser);
  const contextId = await contextOf(page);
  const list = async () => {
    const { targetInfos } = await session.send('Target.getTargets');
    return targetInfos
      .filter(({ type, browserContextId }) => /^(shared_)?worker$/.test(type) && browserContextId === contextId)
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

/** The tools of one worker. */
export async function openWorker({ browser, targetId }) {
  const session = await ofBrowser(browser);
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map();
  let lastId = 0;
  const hear = (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error } = JSON.parse(event.message);
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
  };
  session.on('Target.receivedMessageFromTarget', hear);
  return {
    send: (method, params = {}) => new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: lastId, method, params }) }).catch(reject);
    }),
    async detach() {
      session.off('Target.receivedMessageFromTarget', hear);
      await session.send('Target.detachFromTarget', { sessionId });
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
async function memoriesOf(tools) {
  const { result: prototype } = await tools.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await tools.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId });
  const { result } = await tools.send('Runtime.callFunctionOn', {
    objectId: objects.objectId,
    returnByValue: true,
    functionDeclaration: "function () { return this.map(({ buffer }) => new TextDecoder('latin1').decode(buffer)); }",
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
