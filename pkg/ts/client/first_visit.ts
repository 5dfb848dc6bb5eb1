/** How the database of a client is called. `src/browser/store.rs` makes it. */
const databaseOf = (clientId: string): string => `wristband-spa-auth/${clientId}`;

/** The path of the app's login route, whose host may have a placeholder for the tenant. */
const pathOf = (loginUrl: string): string => loginUrl.replace(/^https?:\/\/[^/]*|[?#].*$/g, "");

/** Whether a URL is neither a callback (OIDC Core §3.1.2.5) nor the route on which the app starts logins. */
function isPlain({ pathname, searchParams }: URL, loginUrl: unknown): boolean {
  if (["code", "error", "state"].some((name) => searchParams.has(name))) return false;
  return typeof loginUrl !== "string" || pathOf(loginUrl) !== pathname;
}

/**
 * Whether nobody has ever signed in here: the page can say so by itself, while the vault is still being loaded. The database of the client
 * is made by the first login, and by nothing else.
 *
 * Answers `false` for everything less certain than that. Never rejects; may never settle, where the storage does not answer.
 */
export async function isFirstVisit(clientId: string, loginUrl: unknown): Promise<boolean> {
  if (!isPlain(new URL(location.href), loginUrl)) return false;
  try {
    // Unlike `open`, this makes nothing.
    const databases = await indexedDB.databases();
    return databases.every(({ name }) => name !== databaseOf(clientId));
  } catch {
    // Site data may be blocked. The vault knows what to do then.
    return false;
  }
}
