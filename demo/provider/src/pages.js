// The pages that users see. They load nothing, run no script, and follow the system's light or dark theme.
const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text) => String(text ?? '').replace(/[&<>"']/g, (character) => ESCAPES[character]);

const STYLE = `
:root { color-scheme: light dark; --back: #f4f5f8; --card: #fff; --ink: #1c2330; --soft: #5b6577; --line: #d5dae3; --edge: #7b8598; --accent: #3457d5; --on-accent: #fff; --alert: #b3261e; --alert-back: #fdecea; }
@media (prefers-color-scheme: dark) { :root { --back: #14171d; --card: #1e232c; --ink: #e8ebf1; --soft: #a3adbd; --line: #384150; --edge: #778397; --accent: #8ea6ff; --on-accent: #10162b; --alert: #ffb4ab; --alert-back: #3b1f1d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem; background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 25rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
h1 { margin: 0 0 0.25rem; font-size: 1.5rem; line-height: 1.25; }
p { margin: 0 0 1rem; color: var(--soft); }
label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
input { width: 100%; padding: 0.6rem 0.75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--edge); border-radius: 0.5rem; }
button { width: 100%; margin-top: 1.5rem; padding: 0.7rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: 0.5rem; cursor: pointer; }
:is(input, button, a):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
[role=alert] { margin: 1rem 0 0; padding: 0.6rem 0.75rem; color: var(--alert); background: var(--alert-back); border-radius: 0.5rem; }
section { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.875rem; color: var(--soft); overflow-wrap: anywhere; }
section h2 { margin: 0 0 0.25rem; font-size: 0.875rem; }
ul { margin: 0; padding: 0; list-style: none; }
`;

function layout(title, body) {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>`;
}

const alertBox = (text) => (text ? `<p role="alert">${escapeHtml(text)}</p>` : '');

/** Sends a page, and notes the `problem` that it tells the user. It has no form-action policy, because browsers would also apply it to the redirect to the application. */
export function sendPage(ctx, status, title, body, problem) {
  ctx.state.problem = problem;
  ctx.status = status;
  ctx.type = 'html';
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'");
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.body = layout(title, body);
}

export function sendErrorPage(ctx, status, error, description) {
  sendPage(ctx, status, 'Something went wrong', `
<h1>Something went wrong</h1>
<p role="alert" data-error="${escapeHtml(error)}">${escapeHtml(description ?? error)}</p>
<section>Error code: <code>${escapeHtml(error)}</code></section>`, description ?? error);
}

export function sendLoginPage(ctx, { tenant, req, email, alert, users, changeTenant }) {
  const where = tenant ? `Sign in to ${tenant}` : 'Sign in';
  sendPage(ctx, 200, where, `
<h1>${escapeHtml(where)}</h1>
<p>This is a local provider for development.</p>
${alertBox(alert)}
<form method="post" action="/login">
<input type="hidden" name="req" value="${escapeHtml(req)}">
<label for="email">Email</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="username" autocapitalize="none" required value="${escapeHtml(email)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
<button type="submit" name="magic" value="send" formnovalidate>Email me a sign-in link</button>
</form>
${changeTenant ? `<p><a href="${escapeHtml(changeTenant)}">Sign in to another organisation</a></p>` : ''}
<section><h2>Users for development</h2><ul>${users.map((user) => `<li>${escapeHtml(user.email)} / <code>${escapeHtml(user.password)}</code></li>`).join('')}</ul></section>`, alert);
}

/** No device is asked: the code is on the page. */
export function sendSecondFactorPage(ctx, { req, factor, code, alert }) {
  sendPage(ctx, 200, 'Enter the code', `
<h1>Enter the code</h1>
<p>This is a local provider for development. Your device would show the code <code>${escapeHtml(code)}</code>.</p>
${alertBox(alert)}
<form method="post" action="/login">
<input type="hidden" name="req" value="${escapeHtml(req)}">
<input type="hidden" name="factor" value="${escapeHtml(factor)}">
<label for="code">Code</label>
<input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" required>
<button type="submit">Continue</button>
</form>`, alert);
}

export function sendSignUpPage(ctx, { tenantName, email, alert }) {
  sendPage(ctx, 200, 'Sign up', `
<h1>Sign up</h1>
<p>This is a local provider for development. It forgets new tenants when it ends.</p>
${alertBox(alert)}
<form method="post" action="/signup">
<label for="tenant_name">Tenant name</label>
<input id="tenant_name" name="tenant_name" type="text" autocapitalize="none" required value="${escapeHtml(tenantName)}">
<label for="email">Email</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="username" autocapitalize="none" required value="${escapeHtml(email)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required>
<button type="submit">Sign up</button>
</form>`, alert);
}

/** No email is sent: the link is on the page. */
export function sendMagicLinkPage(ctx, { email, link }) {
  sendPage(ctx, 200, 'Check your email', `
<h1>Check your email</h1>
<p>This is a local provider for development. The message to ${escapeHtml(email)} would contain this link:</p>
<p><a href="${escapeHtml(link)}">Sign in</a></p>`);
}

export function sendDiscoveryPage(ctx, { fields, tenantName, email, alert, tenants }) {
  const hidden = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`).join('');
  sendPage(ctx, 200, 'Find your organisation', `
<h1>Find your organisation</h1>
<p>Enter the name of your tenant, or your email address.</p>
${alertBox(alert)}
<form method="post" action="/login">${hidden}
<label for="tenant_name">Tenant name</label>
<input id="tenant_name" name="tenant_name" type="text" autocapitalize="none" value="${escapeHtml(tenantName)}">
<label for="email">Email</label>
<input id="email" name="email" type="text" inputmode="email" autocomplete="username" autocapitalize="none" value="${escapeHtml(email)}">
<button type="submit">Continue</button>
</form>
<section><h2>Tenants for development</h2><ul>${tenants.map((tenant) => `<li>${escapeHtml(tenant.name)}</li>`).join('')}</ul></section>`, alert);
}

export function sendNotePage(ctx, title, text) {
  sendPage(ctx, 200, title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`);
}
