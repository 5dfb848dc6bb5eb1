import { readMessage } from "../client/messages.js";
import type { VaultLocation } from "../client/location.js";
import type { Failure } from "../errors.js";
import type { VaultKind } from "../types.js";
import { reasonOf, type Setup } from "./setup.js";

/** Milliseconds within which a vault has to answer. */
const PATIENCE = 8_000;

/** What became of a vault that was started for the checks. */
export interface Start {
  readonly kind: VaultKind;
  /** The version of the vault's script, if it ran. */
  readonly version?: string | undefined;
  /** Whether the vault serves this page. */
  readonly serves: boolean;
  /** Why the vault refuses the settings. */
  readonly error?: Failure | undefined;
  /** Why there is no vault. */
  readonly reason?: string | undefined;
}

/** A name of its own, so that the app's vault is left alone. Without a session it ends soon. */
function nameFor({ source }: Setup): string {
  const [version, wasmUrl, settings] = JSON.parse(source.name) as [string, string, object];
  return JSON.stringify([version, wasmUrl, { ...settings, linger: 0 }, "diagnose"]);
}

/** Connects to the vault in this location. The session is not opened: nothing is restored, and no callback is read. */
function connect(kind: VaultKind, location: VaultLocation): Promise<Start> {
  return new Promise((resolve) => {
    let version: string | undefined;
    let port: MessagePort | undefined;
    const end = (result: Partial<Start>): void => {
      clearTimeout(timer);
      port?.postMessage({ event: "bye" });
      port?.close();
      location.end();
      resolve({ kind, serves: false, version, ...result });
    };
    const timer = setTimeout(() => end({ reason: `it has not answered for ${PATIENCE / 1_000} s` }), PATIENCE);
    port = location.openPort(() => end({ reason: "the browser did not run the script" }));
    port.onmessage = ({ data }) => {
      const message = readMessage(data);
      if (message?.event === "ready") version = message.version;
      else if (message?.event === "welcome") end({ serves: true });
      else if (message?.event === "failed") end(message.error ? { error: message.error } : { reason: message.reason });
    };
    port.postMessage({ event: "hello" });
  });
}

/** Starts a vault of this kind, and ends it again. */
export async function start(kind: VaultKind, setup: Setup): Promise<Start> {
  try {
    const { source, prepare } = setup;
    return await connect(kind, await prepare(kind, { ...source, name: nameFor(setup) }, 0));
  } catch (error) {
    return { kind, serves: false, reason: reasonOf(error) };
  }
}
