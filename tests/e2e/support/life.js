// The whole life of a session at a provider, as a user has it. The results go into a table of the documentation.
import { eventually } from './eventually.js';

/** Milliseconds until the browser is where it should be. A real server may just have started. */
const PATIENCE = 20_000;

/** Where the tokens can be. The last is lost with its page, as the second: the provider has to be asked again. */
const VAULTS = ['shared', 'worker', 'page'];
const reloadIn = (vault) => `reload, ${vault} vault`;

/** The columns of the table. */
export const STEPS = ['login', 'user info', 'API', 'renewal', 'renewal after a new login', ...VAULTS.map(reloadIn), 'step-up cancelled', 'logout', 'login again'];

const isIn = (page, origin) => new URL(page.url()).origin === origin;

/**
 * Runs it. `login` are the options that each login needs; `signIn(page)` fills in the provider's login form, `isLoginForm(page)` waits for it. Returns what was seen in each step.
 */
export async function live({ context, login = {}, page, site, provider: { signIn, isLoginForm, confirmLogout, restart } }) {
  const seen = {};
  const onPage = (work, argument, where = page) => where.evaluate(work, argument);
  const home = (where = page) => where.waitForURL((url) => url.origin === site.origin && !url.pathname.startsWith('/callback'), { timeout: PATIENCE });
  const state = (where = page) => eventually('a state', () => onPage(() => {
    const { status, reason, error } = window.auth?.state ?? {};
    return status && status !== 'loading' && { status, reason, error: error && `${error.code}: ${error.detail}` };
  }, undefined, where).catch(() => undefined));
  const call = (name, argument, where = page) => onPage(([method, value]) => window.auth[method](value).then((result) => ({ result: JSON.parse(JSON.stringify(result ?? null)) }), ({ code, message }) => ({ code, message })), [name, argument], where);
  const wordFor = ({ status, reason, error }) => (status === 'signed-in' ? 'works' : [status, reason ?? error].join(', '));

  /** The page may be redirected before it has loaded, to restore the session. */
  const visit = (address) => page.goto(site.url(address), { waitUntil: 'commit' }).catch(() => {});

  /** Starts a login, and waits until the browser is at the provider, or has already come back from there. */
  async function leave(options, where) {
    await onPage((given) => { window.isLeaving = true; window.auth.login(given); }, options, where);
    await Promise.any([
      where.waitForURL((url) => url.origin !== site.origin, { timeout: PATIENCE, waitUntil: 'commit' }),
      where.waitForFunction((origin) => location.origin === origin && !window.isLeaving, site.origin, { timeout: PATIENCE }),
    ]).catch(() => {});
  }

  /** Starts a login, and signs in if the provider asks. */
  async function logIn(options = login, where = page) {
    await where.waitForFunction(() => window.auth);
    await leave(options, where);
    const asked = !isIn(where, site.origin) && await isLoginForm(where);
    // Some providers show a page although the user has a session.
    if (!isIn(where, site.origin)) await signIn(where);
    await home(where);
    return { asked, state: await state(where) };
  }

  await page.goto(site.url());
  seen.login = wordFor((await logIn()).state);
  if (seen.login !== 'works') return seen;

  const info = await call('userInfo');
  seen['user info'] = info.code ?? 'works';

  const answer = await onPage((url) => window.auth.fetch(url).then(({ status }) => status, ({ code }) => code), site.config.apiUrl);
  seen.API = answer === 200 ? 'works' : String(answer);

  const renewed = await call('renew');
  seen.renewal = renewed.code ?? 'works';

  const other = await context.newPage();
  await other.goto(site.url('?other'));
  await state(other);
  await leave({ prompt: 'login' }, other);
  if (!isIn(other, site.origin)) await signIn(other);
  await home(other);
  await other.close();
  await restart?.();
  const again = await call('renew');
  seen['renewal after a new login'] = again.code ?? 'works';

  for (const vault of VAULTS) {
    site.config.vault = vault;
    await visit(`?${vault}`);
    await home();
    if ((await state()).status !== 'signed-in') await logIn();
    await page.reload({ waitUntil: 'commit' }).catch(() => {});
    await home();
    const reloaded = await state();
    seen[reloadIn(vault)] = wordFor(reloaded);
    if (reloaded.status !== 'signed-in') await logIn();
  }
  site.config.vault = 'shared';
  await visit('?shared');
  if ((await state()).status !== 'signed-in') await logIn();

  const cancel = async (route) => {
    const { searchParams } = new URL(route.request().url());
    const back = new URL(searchParams.get('redirect_uri'));
    back.search = new URLSearchParams({ error: 'access_denied', state: searchParams.get('state'), ...(site.callbackIss && { iss: site.callbackIss }) });
    return route.fulfill({ status: 302, headers: { location: back.href } });
  };
  await page.route((url) => url.searchParams.has('code_challenge'), cancel);
  await onPage(() => { window.auth.login({ acrValues: ['urn:loa:2'], returnTo: '/?payments' }); });
  await page.waitForURL(/payments/, { timeout: PATIENCE });
  await page.unroute((url) => url.searchParams.has('code_challenge')).catch(() => {});
  await page.unrouteAll();
  const { status } = await state();
  const last = await eventually('the sign-in', () => onPage(() => window.auth.lastSignIn && { returnTo: window.auth.lastSignIn.returnTo, code: window.auth.lastSignIn.error?.code }));
  seen['step-up cancelled'] = status === 'signed-in' && last.code === 'access_denied' && last.returnTo === '/?payments' ? 'works' : `${status}, ${last.code}, ${last.returnTo}`;

  const ended = await call('logout').catch(() => ({ result: { endsProviderSession: true } }));
  await page.waitForLoadState('load').catch(() => {});
  await confirmLogout?.(page);
  const isBack = await home().then(() => true, () => false);
  if (!isBack) await visit('');
  const out = await state();
  const next = await logIn();
  seen.logout = [
    out.status === 'signed-out' ? '' : out.status,
    ended.result?.endsProviderSession ? '' : 'the app is told that the provider’s session may live on',
    isBack ? '' : 'stays at the provider',
    next.asked ? '' : 'no password is asked for',
  ].filter(Boolean).join('; ') || 'works';
  seen['login again'] = wordFor(next.state);
  return seen;
}
