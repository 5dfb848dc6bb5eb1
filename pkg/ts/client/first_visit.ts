/** The name of a client's database, which `src/browser/store.rs` creates. */
const databaseOf = (clientId: string): string => `wristband-spa-auth/${clientId}`;

/** The path of the app's login route. The host may contain a placeholder for the tenant. */
const pathOf = (loginUrl: string): string => loginUrl.replace(/^https?:\/\/[^/]*|[?#].*$/g, "");

/** Whether a URL is neither a callback (OIDC Core §3.1.2.5) nor the route on which the app starts logins. */
function isPlain({ pathname, searchParams }: URL, loginUrl: unknown): boolean {
  if (["code", "error", "state"].some((name) => searchParams.has(name))) return false;
  return typeof loginUrl !== "string" || pathOf(loginUrl) !== pathname;
}

/**
 * Whether no user has ever signed in in this browser. The page can find out without the vault: the first login creates the client's database,
 * and nothing else does.
 *
 * Returns `false` if that is not certain. Never rejects. May never settle, if the storage does not answer.
 */
export async function isFirstVisit(clientId: string, loginUrl: unknown): Promise<boolean> {
  if (!isPlain(new URL(location.href), loginUrl)) return false;
  try {
    // Unlike `open`, this does not create a database.
    const databases = await indexedDB.databases();
    return databases.every(({ name }) => name !== databaseOf(clientId));
  } catch {
    // Site data may be blocked. The vault handles that.
    return false;
  }
}
