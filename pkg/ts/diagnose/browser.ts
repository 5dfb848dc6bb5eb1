import type { Finding } from "../diagnose.js";
import { failed, passed } from "./finding.js";

/** Milliseconds until the browser has to have opened a database, or granted a lock. */
const PATIENCE = 5_000;

const DATABASE = "wristband-spa-auth/diagnose";

const SITE_DATA = "Allow site data (cookies) for this origin, leave private browsing, and open the app in a tab of its own instead of a frame.";

/** Rejects if a promise takes too long. */
function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(new Error(`${what} did not answer`)), PATIENCE)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function secureContext(): Promise<Finding[]> {
  const { origin } = location;
  if (isSecureContext && crypto.subtle) return [passed("secure-context", `${origin} is a secure context`)];
  return [failed(
    "secure-context",
    `${origin} is not a secure context, so the browser has no cryptography for this page (crypto.subtle)`,
    "Serve the app over https. While developing, open it as http://localhost; another name or address of this machine needs a certificate.",
  )];
}

/** Providers refuse to show their login page in a frame, and browsers partition the storage of frames. */
export async function frame(): Promise<Finding[]> {
  if (top === self) return [passed("frame", "the app is in a tab of its own")];
  return [failed("frame", "the app is in a frame, where providers refuse to show their login page", "Open the app in a tab of its own.")];
}

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Writes a value as the library writes a login in progress, and reads it again. */
async function writeAndRead(): Promise<unknown> {
  const opening = indexedDB.open(DATABASE);
  opening.onupgradeneeded = () => opening.result.createObjectStore("values");
  const database = await done(opening);
  try {
    const store = (): IDBObjectStore => database.transaction("values", "readwrite").objectStore("values");
    await done(store().put("written", "key"));
    return await done(store().get("key"));
  } finally {
    database.close();
    indexedDB.deleteDatabase(DATABASE);
  }
}

export async function storage(): Promise<Finding[]> {
  try {
    if ((await inTime(writeAndRead(), "IndexedDB")) === "written") return [passed("storage", "IndexedDB writes and reads")];
    return [failed("storage", "IndexedDB does not keep what is written", SITE_DATA)];
  } catch (error) {
    return [failed("storage", `IndexedDB cannot be used, so no login can start: ${String(error)}`, SITE_DATA)];
  }
}

export async function locks(): Promise<Finding[]> {
  const fallback = "A shared vault needs Web Locks; without them each tab has a session of its own.";
  if (!("locks" in navigator)) return [failed("locks", "the browser has no Web Locks", `${fallback} Use a newer browser, over https.`)];
  try {
    await inTime(navigator.locks.request(DATABASE, () => undefined), "Web Locks");
    return [passed("locks", "Web Locks are granted")];
  } catch (error) {
    return [failed("locks", `Web Locks cannot be used: ${String(error)}`, `${fallback} ${SITE_DATA}`)];
  }
}
