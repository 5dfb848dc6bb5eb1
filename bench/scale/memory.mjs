// How much memory a session takes after garbage collection.
import { openWorker, wasmMemory } from '../../tests/e2e/support/devtools.js';

/** Bytes of JavaScript in a thread, including what the browser itself stores there. */
async function heapOf(tools) {
  await tools.send('HeapProfiler.enable');
  await tools.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize } = await tools.send('Runtime.getHeapUsage');
  await tools.detach();
  return { script: usedSize, objects: embedderHeapUsedSize };
}

/** Bytes of the vault's WebAssembly, of its worker and of a page. */
export async function memoryOf({ app, worker }) {
  const inWorker = await heapOf(await openWorker(worker));
  const inPage = await heapOf(await app.page.context().newCDPSession(app.page));
  return { wasm: await wasmMemory(worker), worker: inWorker.script, objects: inWorker.objects, page: inPage.script };
}
