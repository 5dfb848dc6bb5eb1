import type { Finding } from "../diagnose.js";
import { ask, isHtml, unanswered } from "./ask.js";
import { failed, passed } from "./finding.js";
import type { Setup } from "./setup.js";

/** No token: what the API says to it does not matter, only that this origin may read it. */
const AUTHORIZATION = "Bearer diagnose";

const allows = (): string =>
  `Answer the preflight (OPTIONS) without asking for a token, and send Access-Control-Allow-Origin: ${location.origin} with every response, also with status 401.`;

/** Whether an API may be called from this origin with a token. */
async function api(setup: Setup, prefix: string): Promise<Finding> {
  const { violations } = setup;
  if (!URL.canParse(prefix)) return failed("api", `apis: ${prefix} is not a URL`, "Write the whole URL, such as https://api.example/v1/.");
  const reply = await ask(violations, prefix, { headers: { Authorization: AUTHORIZATION } });
  if (reply.kind === "answered") {
    const isApp = new URL(prefix).origin === location.origin && reply.response.ok && isHtml(reply.response, reply.text);
    return isApp
      ? failed("api", `${prefix} was answered with the app's own page`, "The proxy of the development server, or the route at the host, is missing: it has to lead to the API.")
      : passed("api", `${prefix} may be called from ${location.origin} with a token`);
  }
  if (reply.kind !== "cors") return unanswered(setup, "api", reply, prefix, "");
  const simple = await ask(violations, prefix);
  return simple.kind === "answered"
    ? failed("api", `${prefix} lets ${location.origin} read it, but its preflight does not allow the header Authorization (CORS)`, "Answer OPTIONS with Access-Control-Allow-Headers: authorization.")
    : unanswered(setup, "api", reply, prefix, allows());
}

export const apis = (setup: Setup): Promise<Finding[]> => Promise.all(setup.apis.map((prefix) => api(setup, prefix)));
