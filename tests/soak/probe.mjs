// What a worker reports about itself, by a script in front of `vault.js`: counting objects with the browser's tools ends the worker
// now and then.

/** Runs in the worker, before the vault. */
function install() {
  const probe = { memory: undefined, ports: [], responses: [] };
  globalThis.soakProbe = probe;
  const { fetch } = globalThis;
  globalThis.fetch = async (...given) => {
    const response = await fetch(...given);
    probe.responses.push(new WeakRef(response));
    return response;
  };
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(Instance, given) {
      const made = new Instance(...given);
      probe.memory = Object.values(made.exports).find((member) => member instanceof WebAssembly.Memory);
      return made;
    },
  });
  const keepPorts = ({ ports }) => { for (const port of ports) probe.ports.push(new WeakRef(port)); };
  // A shared worker gets its pages' ports by the former, a page's own worker by the latter.
  for (const name of ['connect', 'message']) addEventListener(name, keepPorts);
}

export const PROBE = `(${install})();\n`;

/** The worker's report: bytes of WebAssembly, and the objects that are still alive. */
export const ASK = `(() => {
  const count = (name) => (soakProbe[name] = soakProbe[name].filter((object) => object.deref())).length;
  return { bytes: soakProbe.memory?.buffer.byteLength, ports: count('ports'), responses: count('responses') };
})()`;
