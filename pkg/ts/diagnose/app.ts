import type { CheckName, Finding } from "../diagnose.js";
import { ask, isHtml, shown } from "./ask.js";
import { failed, passed, unknown } from "./finding.js";
import type { Setup } from "./setup.js";

const isLoopback = (host: string): boolean => /^(.*\.)?localhost$|^127\.|^\[::1\]$/.test(host);

/** What is different about two origins, in words. */
function difference(given: URL, page: Location): string {
  if (given.protocol !== page.protocol) return `one is ${given.protocol}//, the other ${page.protocol}//`;
  if (given.hostname === page.hostname) return "the ports differ";
  if (isLoopback(given.hostname) && isLoopback(page.hostname)) return `${given.hostname} and ${page.hostname} are two origins, although both are this machine`;
  if (given.hostname.replace(/^www\./, "") === page.hostname.replace(/^www\./, "")) return "one has www., the other has not";
  return "the hosts differ";
}

/** A URL of the app, with the tenant of this page for a placeholder. `undefined` if it is none. */
function appUrl(text: unknown): URL | undefined {
  const [label = ""] = location.hostname.split(".");
  const filled = String(text).replace(/\{tenant_(name|domain)\}/, label);
  return URL.canParse(filled) ? new URL(filled) : undefined;
}

/** Whether the host answers a path of the app with the app, and leaves the query alone: it will contain the code. */
async function served(check: CheckName, { violations }: Setup, url: URL, text: string): Promise<Finding> {
  const asked = new URL(url);
  asked.searchParams.set("diagnose", "1");
  const reply = await ask(violations, asked.href, { headers: { Accept: "text/html" } });
  if (reply.kind !== "answered") return unknown(check, `${url.href} could not be fetched (${reply.kind})`, "Open it in a tab: it has to show the app.");
  const { response, text: body } = reply;
  const isShown = isHtml(response, body) && /html/.test(response.headers.get("content-type") ?? "");
  const isSaved = /^attachment/i.test(response.headers.get("content-disposition") ?? "");
  if (!response.ok || !isShown || isSaved) {
    return failed(
      check,
      `the app's host answers ${url.href} with ${shown(response)}${isSaved ? ", to be saved as a file," : ""} instead of the app`,
      "Have the host answer every path of the app with index.html (the SPA fallback: docs/deploy), or use the URL of a page that exists.",
    );
  }
  if (response.redirected && !new URL(response.url).searchParams.has("diagnose")) {
    return failed(
      check,
      `the app's host redirects ${url.href} to ${response.url} and drops the query, in which the code arrives`,
      "Have the host keep the query when it redirects, or use the URL at which the redirect ends.",
    );
  }
  return passed(check, `${text} is of this origin, and its host answers with a page. Register exactly this string with the provider`);
}

/** The callback: of this origin, because the login in progress is stored there, and served by the app's host. */
export async function redirectUri(setup: Setup): Promise<Finding[]> {
  const text = String(setup.settings["redirectUri"]);
  const url = appUrl(text);
  if (!url) return [failed("redirect-uri", `redirectUri is not a URL: ${text}`, "Write the whole URL, as registered with the provider.")];
  if (url.origin === location.origin) return [await served("redirect-uri", setup, url, text)];
  return [failed(
    "redirect-uri",
    `redirectUri is at ${url.origin}, but this page is at ${location.origin}: ${difference(url, location)}. A login that starts here is unknown there`,
    `Open the app at ${url.origin}, or set redirectUri to ${location.origin}${url.pathname}${url.search}, and register that with the provider.`,
  )];
}

/** Why the page after a logout cannot be reached, if it is a page of this app. */
export async function postLogout(setup: Setup): Promise<Finding | undefined> {
  const { postLogoutUrl } = setup.settings;
  const url = postLogoutUrl ? appUrl(postLogoutUrl) : undefined;
  if (!url) return undefined;
  if (url.origin === location.origin) {
    const finding = await served("logout", setup, url, String(postLogoutUrl));
    return finding.ok ? undefined : finding;
  }
  const isTypo = url.hostname === location.hostname || (isLoopback(url.hostname) && isLoopback(location.hostname));
  return isTypo
    ? failed(
      "logout",
      `postLogoutUrl is at ${url.origin}, but this page is at ${location.origin}: ${difference(url, location)}`,
      "Set postLogoutUrl to a URL of this origin, and register that with the provider.",
    )
    : undefined;
}

/** Compares the clock of this device with that of the app's host, or of the provider where that can be read. */
export function clock(setup: Setup, replies: readonly (Response | undefined)[]): Finding {
  const response = replies.find((reply) => reply?.headers.get("date"));
  const date = Date.parse(response?.headers.get("date") ?? "");
  if (!response || !Number.isFinite(date)) {
    return unknown("clock", "no server shows its clock to this page (Date)", "The vault notices a wrong clock at the sign-in, and reports it as clock_skew.");
  }
  const tolerance = Number(setup.settings["clockTolerance"] ?? 60);
  // A cache repeats the date of the original response, and says how old that is.
  const seconds = Math.round((date - Date.now()) / 1_000) + Number(response.headers.get("age") ?? 0);
  const { origin } = new URL(response.url);
  if (Math.abs(seconds) <= tolerance) return passed("clock", `this device's clock and that of ${origin} differ by ${Math.abs(seconds)} s`);
  return failed(
    "clock",
    `this device's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "behind" : "ahead of"} that of ${origin}; ${tolerance} s are allowed (clockTolerance)`,
    "Set the clock of the device that is wrong, best automatically.",
  );
}
