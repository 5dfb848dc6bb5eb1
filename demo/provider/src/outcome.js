// What became of a request, for the log: who it was about, what was refused and why, and where the browser was sent.

/** The endpoints whose responses the pages of an application read. */
export const READABLE = new Set(['token', 'userinfo', 'revoke', 'jwks', 'discovery', 'sdk', 'validate', 'par']);

const sentence = (...parts) => parts.filter(Boolean).join(': ');

/** The problem that a response in JSON names: OAuth's members, or Wristband's. */
function problemOfBody({ error, error_description: description, code, message }) {
  return error ? sentence(error, description) : sentence(code, message);
}

/** Where a redirect leads. A code stays out of the log. */
function redirectOf(ctx) {
  const location = ctx.response?.get('Location');
  if (!location) return {};
  const url = new URL(location, ctx.href);
  const { code, error, error_description: description } = Object.fromEntries(url.searchParams);
  const to = url.origin === ctx.origin ? url.pathname : `${url.origin}${url.pathname}`;
  return { to, hasCode: code !== undefined, problem: error && sentence(error, description) };
}

/** What is said of a failure that says nothing. */
const statusOf = ({ status }) => (status >= 400 ? `status ${status}` : undefined);

function isHidden(ctx, endpoint) {
  return Boolean(ctx.get('Origin')) && (endpoint === 'api' || READABLE.has(endpoint)) && !ctx.response.get('Access-Control-Allow-Origin');
}

/**
 * The members of a log entry that describe the outcome: `user` (an email address), `problem`, `to` and `hasCode` (of a redirect), and `hidden`,
 * whether CORS keeps the response from the page that asked. Absent members say nothing.
 */
export function outcomeOf(ctx, { endpoint, directory }) {
  const id = ctx.state.userId ?? ctx.oidc?.account?.accountId ?? ctx.oidc?.session?.accountId;
  const { to, hasCode, problem = ctx.state.problem } = redirectOf(ctx);
  const ofBody = ctx.status >= 400 && typeof ctx.body === 'object' && ctx.body !== null && !Buffer.isBuffer(ctx.body) ? problemOfBody(ctx.body) : undefined;
  const outcome = { user: directory.findUser(id)?.email, problem: problem ?? (ofBody || statusOf(ctx)), to, hasCode: hasCode || undefined, hidden: isHidden(ctx, endpoint) || undefined };
  return Object.fromEntries(Object.entries(outcome).filter(([, value]) => value !== undefined));
}
