/** Runs in a page: before the app starts its shared worker, a worker of another kind takes that worker's name and URL. */
export function takeWorkerName() {
  const { SharedWorker: Original } = window;
  let isTaken = false;
  window.SharedWorker = function Taken(url, options) {
    if (!isTaken) window.squatter = new Original(url, { ...options, type: 'classic' });
    isTaken = true;
    return new Original(url, options);
  };
}
