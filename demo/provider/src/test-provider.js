// A provider as tests use it: one that runs in this process or in another one, through its control API.

/** Calls the control API at `origin`. */
function controlAt(origin) {
  return async (method, path, json) => {
    const init = json === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) };
    const response = await fetch(`${origin}/__control/${path}`, { method, ...init });
    const body = await response.json();
    if (!response.ok) throw new Error(body.error ?? `${method} ${path}: status ${response.status}`);
    return body;
  };
}

/** Fills in the provider's pages: first the one that asks for the tenant, if it is shown, then the one that asks for the password. */
async function fillIn(page, { email, password, tenant }) {
  const field = page.locator('#password, #tenant_name');
  await field.waitFor();
  if (await page.locator('#tenant_name').count()) {
    await page.locator('#tenant_name').fill(tenant);
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
  }
  await page.locator('#password').fill(password);
  await page.locator('#email').fill(email);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Connects to a running provider, such as `http://localhost:4400`. */
export async function connectProvider(origin) {
  const { port } = new URL(origin);
  const control = controlAt(origin);
  const appSettings = await control('GET', 'app-settings');
  const isHere = (url) => url.port === port;

  async function userOf(wanted) {
    const users = await control('GET', 'users');
    const email = wanted?.email ?? wanted ?? users[0].email;
    const user = users.find((each) => each.email === email);
    if (!user) throw new Error(`There is no user ${email}: ${users.map((each) => each.email).join(', ')}.`);
    return { ...user, ...(wanted?.password && { password: wanted.password }) };
  }

  return {
    appSettings,
    users: () => control('GET', 'users'),
    async signIn(page, wanted) {
      const user = await userOf(wanted);
      await page.waitForURL(isHere);
      await fillIn(page, user);
      const alert = page.getByRole('alert');
      const refused = alert.waitFor().then(() => alert.textContent(), () => undefined);
      const problem = await Promise.race([page.waitForURL((url) => !isHere(url)).then(() => undefined), refused]);
      if (problem && isHere(new URL(page.url()))) throw new Error(`The provider did not sign in ${user.email}: ${problem}`);
    },
    expireAccessTokens: () => control('POST', 'expire-access-tokens'),
    rotateDpopNonces: () => control('POST', 'rotate-dpop-nonces'),
    revokeRefreshTokens: () => control('POST', 'revoke-all'),
    endSessions: () => control('POST', 'end-sessions'),
    rotateKeys: (options = {}) => control('POST', 'rotate-keys', options),
    addFault: (fault) => control('POST', 'faults', fault),
    failSignIn: (error, description) => control('POST', 'faults', {
      endpoint: 'authorize', redirect: { error, ...(description && { error_description: description }) },
    }),
    clearFaults: () => control('DELETE', 'faults'),
    settings: () => control('GET', 'settings'),
    patchSettings: (patch) => control('PATCH', 'settings', patch),
    landing: async (email) => (await control('POST', 'landing', email)).url,
    log: () => control('GET', 'log'),
    clearLog: () => control('DELETE', 'log'),
    reset: () => control('POST', 'reset'),
  };
}
