// How much memory a session takes, after all garbage was collected.
import { openWorker, wasmMemory } from '../../e2e/support/devtools.js';

/** Bytes of JavaScript in a thread, and of what the browser itself keeps for it there. */
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
