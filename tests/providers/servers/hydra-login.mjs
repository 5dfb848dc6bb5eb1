// The login page that Hydra leaves to its user: it asks for the password, and tells Hydra's admin API who signed in.
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';

/** Seconds for which Hydra remembers a sign-in, so that there is a session at the provider. */
const REMEMBERED = 3600;

const escaped = (value) => String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const loginForm = ({ challenge, email = '', problem = '' }) => `<!doctype html>
<html lang="en">
<title>Sign in</title>
<h1>Sign in</h1>
<p role="alert">${escaped(problem)}</p>
<form method="post" action="/login">
  <input type="hidden" name="challenge" value="${escaped(challenge)}">
  <label>Email <input type="email" name="email" value="${escaped(email)}" autocomplete="username" required></label>
  <label>Password <input type="password" name="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>
</html>`;

/** Hydra's requests of one kind: `login`, `consent` or `logout`. */
function requestsAt(admin, kind) {
  const call = async (action, challenge, init) => {
    const response = await fetch(`${admin}/admin/oauth2/auth/requests/${kind}${action}?${kind}_challenge=${encodeURIComponent(challenge)}`, init);
    const body = await response.json();
    if (!response.ok) throw new Error(`Hydra refuses a ${kind} request: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    read: (challenge) => call('', challenge),
    /** Returns the URL at which the browser goes on. */
    async accept(challenge, answer) {
      const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
      return (await call('/accept', challenge, init)).redirect_to;
    },
  };
}

function pagesFor({ admin, user }) {
  const [logins, consents, logouts] = ['login', 'consent', 'logout'].map((kind) => requestsAt(admin, kind));
  const acceptLogin = (challenge, subject) => logins.accept(challenge, { subject, remember: true, remember_for: REMEMBERED });
  const claims = { email: user.email, email_verified: true, name: user.name };
  return {
    async 'GET /login'({ login_challenge: challenge }) {
      const { skip, subject, oidc_context: context } = await logins.read(challenge);
      if (skip) return { to: await acceptLogin(challenge, subject) };
      return { page: loginForm({ challenge, email: context?.login_hint }) };
    },
    async 'POST /login'({ challenge, email, password }) {
      if (email === user.email && password === user.password) return { to: await acceptLogin(challenge, user.subject) };
      return { page: loginForm({ challenge, email, problem: 'The email or the password is wrong.' }) };
    },
    // The app belongs to whoever runs the provider: nobody is asked.
    async 'GET /consent'({ consent_challenge: challenge }) {
      const { requested_scope: scopes, requested_access_token_audience: audience } = await consents.read(challenge);
      return {
        to: await consents.accept(challenge, {
          grant_scope: scopes, grant_access_token_audience: audience, remember: true, remember_for: REMEMBERED, session: { id_token: claims },
        }),
      };
    },
    async 'GET /logout'({ logout_challenge: challenge }) {
      return { to: await logouts.accept(challenge) };
    },
  };
}

async function answer(pages, request, response) {
  const url = new URL(request.url, 'http://login');
  const page = pages[`${request.method} ${url.pathname}`];
  if (!page) return response.writeHead(404).end();
  const fields = request.method === 'POST' ? new URLSearchParams(await text(request)) : url.searchParams;
  const { to, page: html } = await page(Object.fromEntries(fields));
  if (to) return response.writeHead(303, { location: to }).end();
  return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}

/** Starts the app on a loopback port. */
export async function startLogin({ admin, port, user }) {
  const pages = pagesFor({ admin, user });
  const server = http.createServer((request, response) => {
    answer(pages, request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
