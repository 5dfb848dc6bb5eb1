import type { CheckName, Finding } from "../diagnose.js";
import { checkSettings } from "../settings.js";
import type { VaultKind } from "../types.js";
import { VERSION } from "../version.js";
import { ask, isHtml, type Reply, shown, unanswered } from "./ask.js";
import { failed, passed, unknown } from "./finding.js";
import { mayCompile, mayConnect } from "./policy.js";
import type { Setup } from "./setup.js";
import { type Start, start } from "./start.js";

const NAMES: Readonly<Record<VaultKind, CheckName>> = { shared: "shared-worker", worker: "worker", page: "vault-in-page" };

/** Where the files have to be. The worker of apps in Rust is one script that contains the module. */
const hosting = ({ wasmUrl }: Setup): string =>
  wasmUrl
    ? "Serve vault.js and vault.wasm of node_modules/wristband-spa-auth/dist from the app's own origin, and set workerUrl and wasmUrl to where they are."
    : "Serve the folder snippets, which wasm-bindgen makes, together with the app, from the app's own origin.";

const FALLBACK = "That is the app's own page, with which the host answers for paths that it does not have: the file is not there.";

/** The script of the worker: on this origin, there, and JavaScript. */
function scriptFinding(setup: Setup, reply: Reply): Finding {
  const { url } = setup.source;
  const { origin, protocol } = new URL(url);
  if (protocol === "data:") return failed("vault-script", "the bundler inlined vault.js as a data: URL", "Exclude it (Vite: build.assetsInlineLimit), or set workerUrl.");
  if (origin !== location.origin) {
    return failed("vault-script", `vault.js is on another origin, ${origin}, from which browsers start no worker`, hosting(setup));
  }
  if (reply.kind !== "answered") return unanswered(setup, "vault-script", reply, url, hosting(setup));
  const { response, text } = reply;
  if (isHtml(response, text)) return failed("vault-script", `${url} was answered with ${shown(response)}. ${response.ok ? FALLBACK : ""}`.trim(), hosting(setup));
  if (!response.ok) return failed("vault-script", `${url} was answered with ${shown(response)}`, hosting(setup));
  if (!/javascript/.test(response.headers.get("content-type") ?? "")) {
    return failed("vault-script", `${url} was answered with ${shown(response)}; browsers run only JavaScript types`, "Serve it as text/javascript.");
  }
  if (!text.trim()) return failed("vault-script", `${url} is empty`, hosting(setup));
  return passed("vault-script", `${url} is served as JavaScript`);
}

/** The policy that comes with the worker's script. */
const policyOf = ({ response }: Extract<Reply, { kind: "answered" }>): string | null => response.headers.get("content-security-policy");

/** What that policy allows the worker. */
function policyFinding(setup: Setup, reply: Reply, needed: readonly string[]): Finding {
  if (reply.kind !== "answered") return unknown("vault-policy", "vault.js could not be read", "See vault-script.");
  if (!setup.source.candidates.some((kind) => kind !== "page")) return passed("vault-policy", "the vault runs in the page, under the document's policy");
  const header = policyOf(reply);
  if (!header) return passed("vault-policy", "vault.js is served without a Content-Security-Policy of its own");
  if (!mayCompile(header)) {
    return failed(
      "vault-policy",
      "the Content-Security-Policy of vault.js does not let the worker compile WebAssembly",
      "Add 'wasm-unsafe-eval' to the script-src that the host sends with vault.js.",
    );
  }
  const own = new URL(setup.source.url);
  const refused = [...new Set(needed.filter((url) => URL.canParse(url) && !mayConnect(header, new URL(url), own)).map((url) => new URL(url).origin))];
  if (!refused.length) return passed("vault-policy", "the Content-Security-Policy of vault.js allows WebAssembly, the provider and the APIs");
  return failed(
    "vault-policy",
    `the Content-Security-Policy of vault.js does not let the worker connect to ${refused.join(", ")}`,
    "Add them to the connect-src that the host sends with vault.js.",
  );
}

/** Why there is no module, if there is none: fetched again, because the vault sees only that its digest differs. */
async function moduleFinding(setup: Setup, starts: readonly Start[]): Promise<Finding> {
  const { violations, wasmUrl } = setup;
  // The app's own worker in Rust has a module under another name.
  if (starts.some(({ error, serves }) => serves || error)) return passed("vault-module", "the vault has loaded its WebAssembly module");
  if (!wasmUrl) return passed("vault-module", "vault.js contains its WebAssembly module");
  const reply = await ask(violations, wasmUrl);
  if (reply.kind !== "answered") return unanswered(setup, "vault-module", reply, wasmUrl, hosting(setup));
  const { response, text } = reply;
  if (isHtml(response, text)) return failed("vault-module", `${wasmUrl} was answered with ${shown(response)}. ${response.ok ? FALLBACK : ""}`.trim(), hosting(setup));
  if (!response.ok) return failed("vault-module", `${wasmUrl} was answered with ${shown(response)}`, hosting(setup));
  if (!text.startsWith("\0asm")) return failed("vault-module", `${wasmUrl} is no WebAssembly: it was answered with ${shown(response)}`, hosting(setup));
  const other = starts.some(({ reason }) => reason?.includes("is not the module"));
  if (!other) return passed("vault-module", `${wasmUrl} is a WebAssembly module`);
  return failed(
    "vault-module",
    `${wasmUrl} is not the module that vault.js was built with: the two files are of different versions, or one was changed on the way`,
    "Copy both files from the same version of the package, and let no proxy or build step change them.",
  );
}

/** Why no vault runs in this location. */
async function locationFinding(setup: Setup, { kind, version, serves, error, reason = "" }: Start): Promise<Finding> {
  const name = NAMES[kind];
  if (version !== undefined && version !== VERSION) {
    return failed(
      name,
      `vault.js has version ${version}, and the app's bundle ${VERSION} of the package`,
      "Copy vault.js and vault.wasm again after each update of the package, and keep caches from serving old ones (Cache-Control: no-cache).",
    );
  }
  if (serves || error) return passed(name, `a vault runs ${kind === "page" ? "in the page" : `in a ${kind === "shared" ? "SharedWorker" : "Worker"}`}`);
  const directive = await setup.violations.directive(setup.source.url) ?? (kind === "page" ? await setup.violations.directive("wasm-eval") : undefined);
  if (directive) {
    return failed(
      name,
      `the document's Content-Security-Policy does not allow it (${directive})`,
      kind === "page" ? "Add 'wasm-unsafe-eval' to the document's script-src, or let the vault run in a worker." : `Add ${setup.source.url} to the document's worker-src.`,
    );
  }
  if (/TrustedScriptURL/.test(reason)) {
    return failed(name, `Trusted Types refuse the worker's URL: ${reason}`, "Add wristband-spa-auth to the trusted-types of the document's Content-Security-Policy.");
  }
  if (kind === "shared" && /has no/.test(reason)) {
    return failed(name, reason, "Nothing: each tab gets a vault of its own, unless vault or minimumVault ask for a shared one.");
  }
  return failed(name, `no vault runs here: ${reason}`, "Look at the console, and at that of the worker (see the top of the linked page).");
}

/** The mistakes in the settings that the page or the vault finds. */
function settingsFinding({ settings }: Setup, starts: readonly Start[]): Finding {
  const remedy = "Correct the setting that the message names: docs/settings.md.";
  try {
    checkSettings(settings);
  } catch (error) {
    return failed("settings", (error as Error).message, remedy);
  }
  const refused = starts.find(({ error }) => error)?.error;
  if (refused) return failed("settings", refused.message, remedy);
  if (starts.some(({ serves }) => serves)) return passed("settings", "the vault accepts the settings");
  return unknown("settings", "no vault could be started to check the settings", "See the checks of the vault.");
}

/** Everything about the vault: its files, where it runs, and what it says to the settings. `needed` are the URLs that it connects to. */
export async function vault(setup: Setup, reply: Reply, needed: readonly string[]): Promise<Finding[]> {
  const { candidates } = setup.source;
  const script = scriptFinding(setup, reply);
  const policy = policyFinding(setup, reply, needed);
  // The page is only what is left if no worker can be used.
  const workers = candidates.filter((kind) => kind !== "page");
  const kinds = workers.length ? workers : candidates;
  const before = (cause: string): Finding[] => kinds.map((kind) => unknown(NAMES[kind], cause, "Correct that first."));
  if (script.ok === false) {
    const cause = "vault.js could not be loaded (vault-script)";
    return [settingsFinding(setup, []), script, unknown("vault-module", cause, "Correct that first."), policy, ...before(cause)];
  }
  const starts = await Promise.all(kinds.map((kind) => start(kind, setup)));
  const isRefused = workers.length > 0 && reply.kind === "answered" && !mayCompile(policyOf(reply));
  const module = await moduleFinding(setup, starts);
  const settings = settingsFinding(setup, starts);
  if (module.ok === false) return [settings, script, module, policy, ...before("vault.wasm could not be loaded (vault-module)")];
  if (isRefused) return [settings, script, module, policy, ...before("the worker may not compile WebAssembly (vault-policy)")];
  return [settings, script, module, policy, ...(await Promise.all(starts.map((one) => locationFinding(setup, one))))];
}
