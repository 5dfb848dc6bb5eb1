// Records what reaches the page, by the means that a hostile script has.

/**
 * Runs in the page. `invoke` itself cannot be replaced, but the functions can that it gets its results by: the callbacks that the results and
 * the changes of the state come to, and `fetch`, which brings the responses of the commands with their headers.
 */
export function installRecorder() {
  const recorded = [];
  Object.assign(window, { recorded });
  const record = (value) => recorded.push(JSON.stringify(value) ?? String(value));

  const { callbacks } = window.__TAURI_INTERNALS__;
  const { set } = Map.prototype;
  const watched = (callback) => (data) => {
    record(data);
    return callback(data);
  };
  for (const [id, callback] of callbacks) set.call(callbacks, id, watched(callback));
  callbacks.set = (id, callback) => set.call(callbacks, id, watched(callback));

  const { fetch } = window;
  window.fetch = async (...parameters) => {
    const response = await fetch(...parameters);
    const { url, status, headers } = response;
    record([url, status, [...headers], await response.clone().text()]);
    return response;
  };
}
