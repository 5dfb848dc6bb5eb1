// How much memory the session uses after garbage collection, and how fast that grows.
import { setTimeout as pause } from 'node:timers/promises';
import { openWorker } from '../e2e/support/devtools.js';
import { ASK } from './probe.mjs';

const MB = 1024 * 1024;

async function heapOf(tools) {
  await tools.send('HeapProfiler.enable');
  await tools.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 } = await tools.send('Runtime.getHeapUsage');
  return (usedSize + embedderHeapUsedSize + backingStorageSize) / MB;
}

async function ofWorker(worker) {
  const tools = await openWorker(worker);
  const heap = await heapOf(tools);
  const { result: { value: { bytes, ports, responses } } } = await tools.send('Runtime.evaluate', { expression: ASK, returnByValue: true });
  await tools.detach();
  return { 'wasm MB': bytes / MB, 'worker MB': heap, 'ports in the worker': ports, 'responses in the worker': responses };
}

async function ofPage(page) {
  const tools = await page.context().newCDPSession(page);
  const heap = await heapOf(tools);
  await tools.send('Performance.enable');
  const { metrics } = await tools.send('Performance.getMetrics');
  await tools.detach();
  const metric = (name) => metrics.find((each) => each.name === name)?.value;
  return { 'page MB': heap, 'listeners in the page': metric('JSEventListeners'), 'nodes in the page': metric('Nodes') };
}

/** Whether a worker runs. The worker of a page in the back/forward cache is suspended, and collects no garbage. */
async function runs(worker) {
  const tools = await openWorker(worker);
  const answered = tools.send('HeapProfiler.collectGarbage').then(() => true, () => false);
  const isRunning = await Promise.race([answered, pause(2_000, false)]);
  await tools.detach();
  return isRunning;
}

/** The worker of a page: the shared one, or its own. */
export async function workerOf(page) {
  const browser = page.context().browser();
  const tools = await page.context().newCDPSession(page);
  const { targetInfo: { targetId: own } } = await tools.send('Target.getTargetInfo');
  await tools.detach();
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  await session.detach();
  const candidates = targetInfos.filter(({ type, parentId }) => type === 'shared_worker' || (type === 'worker' && parentId === own));
  for (const { targetId } of candidates) {
    const worker = { browser, targetId };
    if (await runs(worker)) return worker;
  }
  return undefined;
}

/** One measurement of the page that stays open, and of its worker. */
export async function measure(page) {
  const worker = await workerOf(page);
  return { ...(worker && await ofWorker(worker)), ...await ofPage(page) };
}

/** The slope of a line through `[x, y]`, by least squares. */
export function slope(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point[0])), mean(points.map((point) => point[1]))];
  const below = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return below ? points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / below : 0;
}

/** How much each number grows per hour, over the last two thirds of the samples: the first use of anything costs more than all later ones. */
export function growth(samples) {
  const late = samples.slice(Math.floor(samples.length / 3));
  const names = [...new Set(samples.flatMap(Object.keys))].filter((name) => name !== 'at');
  return names.map((name) => {
    const known = late.filter((sample) => Number.isFinite(sample[name]));
    const all = samples.filter((sample) => Number.isFinite(sample[name]));
    return { name, first: all[0]?.[name], last: all.at(-1)?.[name], perHour: known.length > 1 ? slope(known.map((sample) => [sample.at / 3600, sample[name]])) : null };
  });
}
