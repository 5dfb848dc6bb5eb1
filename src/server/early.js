// Keeps the events of pages that connect before the worker's module has been compiled: a worker receives each of them once.
const types = ["connect", "message"];
const early = [];
const keep = (event) => early.push(event);
for (const type of types) addEventListener(type, keep);

/** Dispatches the kept events again. From now on, the module listens itself. */
export function replay() {
  for (const type of types) removeEventListener(type, keep);
  for (const { type, ports } of early.splice(0)) dispatchEvent(new MessageEvent(type, { ports: [...ports] }));
}
