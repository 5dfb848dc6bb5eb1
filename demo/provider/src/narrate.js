// The log for people: one line for each request that means something to them.

const problemOr = (text) => ({ problem }) => (problem ? `refused: ${problem}` : text);

const GRANTS = { authorization_code: 'code exchanged', refresh_token: 'tokens renewed' };

function authorize({ hasCode, problem, pushed, query, to, user }) {
  const asked = (pushed ?? query).prompt === 'none' ? ', asked without a page (prompt=none)' : '';
  if (problem) return `refused${asked}: ${problem}`;
  return hasCode ? `code for ${to}${user ? `, ${user}` : ''}${asked}` : `leads to ${to ?? 'a page'}`;
}

function login({ method, problem, to, user }) {
  if (problem) return `refused: ${problem}`;
  if (method !== 'POST') return to ? `leads to ${to}` : 'login page';
  return user ? `${user} signs in` : 'goes on';
}

/** What each endpoint says of a request. */
const SENTENCES = {
  api: ({ method, path, problem, status, user }) => `${method} ${path}${user ? ` for ${user}` : ''}: ${status}${problem ? `, ${problem}` : ''}`,
  authorize,
  discovery: problemOr('metadata'),
  jwks: problemOr('keys'),
  login,
  logout: ({ problem, to, user }) => (problem ? `refused: ${problem}` : `session ended${user ? ` of ${user}` : ''}${to ? `, leads to ${to}` : ''}`),
  par: problemOr('authorization request pushed'),
  revoke: problemOr('token revoked'),
  sdk: problemOr('settings of the application'),
  signup: ({ method, problem }) => (problem ? `refused: ${problem}` : method === 'POST' ? 'a tenant signs up' : 'sign-up page'),
  token: ({ form, problem, user }) => (problem ? `refused: ${form?.grant_type ?? 'no grant_type'}: ${problem}` : `${GRANTS[form?.grant_type] ?? 'tokens'}${user ? ` for ${user}` : ''}`),
  userinfo: ({ problem, user }) => (problem ? `refused: ${problem}` : `user info${user ? ` of ${user}` : ''}`),
  validate: problemOr('a custom domain was looked up'),
};

/** What an app's developer probably has to do. */
function hintOf({ endpoint, hidden, origin, problem, query }) {
  if (hidden) return `The browser hides this response from ${origin} (CORS). Start with --origin ${origin} if this is your app.`;
  if (endpoint === 'authorize' && problem?.startsWith('The redirect URI')) return `The app sent ${query.redirect_uri}. Start with --redirect-uri ${query.redirect_uri} if that is right.`;
  return undefined;
}

/** The lines for a log entry; none for a preflight that went well. */
export function narrate(record) {
  const { endpoint, fault, hidden, host, method, path, status, time } = record;
  if (method === 'OPTIONS' && !hidden) return [];
  const sentence = SENTENCES[endpoint]?.(record) ?? `${method} ${host}${path} ${status}`;
  const outcome = status === null ? 'connection cut' : sentence;
  const hint = hintOf(record);
  const indent = ' '.repeat(21);
  return [
    `${new Date(time).toTimeString().slice(0, 8)}  ${(endpoint ?? '-').padEnd(11)}${method === 'OPTIONS' ? 'preflight' : outcome}`,
    ...(fault ? [`${indent}by a fault: ${JSON.stringify(fault)}`] : []),
    ...(hint ? [`${indent}${hint}`] : []),
  ];
}
