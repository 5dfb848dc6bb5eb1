/** What Content-Security-Policies allow: the document's by the violations that the browser reports, the worker's by its header. */

/** Milliseconds within which the browser reports a violation, after what was blocked has failed. */
const REPORT_DELAY = 100;

/** The violations of the document's policy while the checks run. */
export class Violations {
  #blocked = new Map<string, string>();

  constructor(signal: AbortSignal) {
    const heard = ({ blockedURI, disposition, effectiveDirective }: SecurityPolicyViolationEvent): void => {
      if (disposition === "enforce") this.#blocked.set(blockedURI, effectiveDirective);
    };
    document.addEventListener("securitypolicyviolation", heard, { signal });
  }

  /** The directive that has just blocked this URL, or this kind of code. `undefined` if none did. */
  async directive(blocked: string): Promise<string | undefined> {
    const found = (): string | undefined => this.#blocked.get(blocked) ?? this.#blocked.get(blocked.replace(/\?.*/, ""));
    for (let waited = 0; !found() && waited < REPORT_DELAY; waited += 10) await new Promise((resolve) => setTimeout(resolve, 10));
    return found();
  }
}

/** The sources of a directive in one policy. `undefined` if the policy does not restrict it. */
function sourcesOf(policy: string, directive: string): string[] | undefined {
  const lists = policy.split(";").map((text) => text.trim().split(/\s+/));
  const list = (wanted: string): string[] | undefined => lists.find(([name]) => name?.toLowerCase() === wanted)?.slice(1);
  return list(directive) ?? list("default-src");
}

/** Whether a source expression covers a URL (CSP Level 3 §6.7.2.8). `own` is the origin of the file with the policy. */
function covers(source: string, url: URL, own: URL): boolean {
  if (source === "'self'") return url.origin === own.origin;
  if (source === "*") return /^https?:$/.test(url.protocol);
  if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return url.protocol === source.toLowerCase() || (source === "http:" && url.protocol === "https:");
  const [, scheme, host, port, path] = /^(?:([a-z][a-z\d+.-]*):\/\/)?([^/:]+)(?::(\d+|\*))?(\/.*)?$/i.exec(source) ?? [];
  if (!host || source.startsWith("'")) return false;
  const asked = scheme?.toLowerCase() ?? own.protocol.slice(0, -1);
  const isScheme = url.protocol === `${asked}:` || (asked === "http" && url.protocol === "https:");
  const isHost = host.startsWith("*.") ? url.hostname.endsWith(host.slice(1).toLowerCase()) : url.hostname === host.toLowerCase();
  const isPort = port === "*" || url.port === (port ?? "") || (!url.port && /^(80|443)$/.test(port ?? ""));
  const isPath = !path || (path.endsWith("/") ? url.pathname.startsWith(path) : url.pathname === path);
  return isScheme && isHost && isPort && isPath;
}

/** Every policy of a header has to allow it: a server may send several, which arrive as one. */
const every = (header: string | null, allows: (policy: string) => boolean): boolean => (header ?? "").split(",").every(allows);

/** Whether a file with this header may connect to a URL. */
export const mayConnect = (header: string | null, url: URL, own: URL): boolean =>
  every(header, (policy) => sourcesOf(policy, "connect-src")?.some((source) => covers(source, url, own)) ?? true);

/** Whether a file with this header may compile WebAssembly. */
export const mayCompile = (header: string | null): boolean =>
  every(header, (policy) => sourcesOf(policy, "script-src")?.some((source) => /^'(wasm-)?unsafe-eval'$/.test(source)) ?? true);
