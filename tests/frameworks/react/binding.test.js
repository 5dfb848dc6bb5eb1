// The provider, the hooks and the guard by themselves, with React 18 and 19 in a browser and on a server. The session is a fake.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { browser } from '../../e2e/support/browser.js';
import { startSite } from '../../e2e/support/site.js';
import { watch } from '../../e2e/support/watch.js';
import { buildUnits } from './support/unit/build.js';

const signedOut = (reason) => ({ status: 'signed-out', reason });

for (const [major, suffix] of [['18', '-18'], ['19', '']]) {
  const { page: folder, server } = await buildUnits(suffix);

  /** A test with an empty page. `show` shows a tree, and the other functions act on the first session that was opened. */
  const unit = (name, body) => test(name, async () => {
    const site = await startSite({ folders: [folder], host: 'localhost', base: '/' });
    const context = await (await browser()).newContext();
    try {
      context.setDefaultTimeout(15_000);
      const watched = await watch(context);
      const page = await context.newPage();
      await page.goto(site.url());
      const evaluate = page.evaluate.bind(page);
      await body({
        page, watched, evaluate,
        show: (name_) => evaluate((name__) => window.show(name__), name_),
        set: (state) => evaluate((state_) => window.opened[0].set(state_), state),
        signIn: (userId = 'ada') => evaluate((userId_) => window.opened[0].signIn(userId_), userId),
        answer: (call, value) => evaluate((given) => window.opened[0].answer(...given), [call, value]),
        refuse: (call, ...error) => evaluate(([call_, error_]) => window.opened[0].refuse(call_, window.errorOf(...error_)), [call, error]),
        calls: (call) => evaluate((call_) => window.opened[0].calls.filter(([each]) => each === call_).map(([, ...args]) => args), call),
        sessions: () => evaluate(() => window.opened.map(({ isDisposed }) => (isDisposed ? 'disposed' : 'open'))),
        says: (id, text) => page.locator(`#${id}`).getByText(text, { exact: true }).waitFor(),
      });
      assert.deepEqual(watched.unexpected([]), []);
    } finally {
      await context.close();
      await site.close();
    }
  });

  /** Waits until everything that is due has run: renders, their effects, and the timers of these. */
  const idle = ({ evaluate }) => evaluate(() => new Promise((resolve) => { requestAnimationFrame(() => setTimeout(() => setTimeout(resolve))); }));

  describe(`React ${major}`, () => {
    unit('is the version that is tested', async ({ evaluate }) => {
      assert.equal((await evaluate(() => window.version)).split('.')[0], major);
      assert.equal(server.version.split('.')[0], major);
    });

    unit('the strict mode opens one session, and unmounting disposes of it', async (given) => {
      const { evaluate, says, sessions, set, show, signIn } = given;
      await show('state');
      await says('shown', 'loading true false');
      assert.deepEqual(await sessions(), ['open']);
      await set(signedOut('never-signed-in'));
      await says('shown', 'signed-out false false');
      await signIn();
      await says('shown', 'signed-in false true');
      // The app's options are a new object.
      await show('state');
      await idle(given);
      assert.deepEqual(await sessions(), ['open']);
      await evaluate(() => window.unmount());
      await idle(given);
      assert.deepEqual(await sessions(), ['disposed']);
      assert.equal(await evaluate(() => window.opened[0].listenerCount()), 0);
    });

    unit('a session of the app is not disposed of', async (given) => {
      const { evaluate, says } = given;
      await evaluate(() => {
        window.auth = window.fakeAuth();
        window.auth.signIn('ada');
        window.show('given', window.auth);
      });
      await says('shown', 'signed-in false true');
      await evaluate(() => window.unmount());
      await idle(given);
      assert.deepEqual(await evaluate(() => [window.auth.isDisposed, window.auth.listenerCount()]), [false, 0]);
    });

    unit('a server renders `loading`, and the page hydrates without a difference', async ({ evaluate, page, says, sessions, signIn }) => {
      const html = server.render('state');
      assert.match(html, /<p id="shown">loading true false ?<\/p>/);
      await evaluate((html_) => window.hydrate('state', html_), html);
      await says('shown', 'loading true false');
      await signIn();
      await says('shown', 'signed-in false true');
      assert.deepEqual(await sessions(), ['open']);
      assert.deepEqual(await evaluate(() => window.recovered), []);
      assert.equal(await page.locator('#shown').count(), 1);
    });

    unit('a server renders the fallback of a guard', async ({ evaluate, says, signIn }) => {
      const html = server.render('guard');
      assert.equal(html, '<p id="wait">wait</p>');
      await evaluate((html_) => window.hydrate('guard', html_), html);
      await signIn();
      await says('draft', 'empty');
      assert.deepEqual(await evaluate(() => window.recovered), []);
    });

    unit('a session that cannot be opened is the state `failed`', async ({ evaluate, says, show }) => {
      await evaluate(() => window.breakSessions());
      await show('state');
      await says('shown', 'failed false false config_invalid');
    });

    unit('without a provider the hooks say so', async ({ evaluate, page, says, watched }) => {
      await evaluate(() => window.show('outside'));
      await says('thrown', 'There is no AuthProvider above this component.');
      assert.equal(await page.locator('#shown').count(), 0);
      // React writes it to the console.
      watched.unexpected([]).forEach((line) => assert.match(line, /There is no AuthProvider|The above error/));
      watched.unexpected = () => [];
    });

    unit('an effect that runs before the provider’s uses the same session', async ({ answer, calls, says, sessions, show }) => {
      await show('early');
      assert.deepEqual(await calls('fetch'), [['/early'], ['/early']]);
      await answer('fetch', 'first');
      await answer('fetch', 'second');
      await says('early', 'second');
      assert.deepEqual(await sessions(), ['open']);
    });

    unit('the guard starts one login, after which it shows its children', async (given) => {
      const { calls, page, says, set, show, signIn } = given;
      await show('guard');
      await says('wait', 'wait');
      await idle(given);
      assert.deepEqual(await calls('login'), []);
      await set(signedOut('never-signed-in'));
      await idle(given);
      assert.deepEqual(await calls('login'), [[{ automatic: true, tenantName: 'acme' }]]);
      await says('wait', 'wait');
      await signIn();
      await says('draft', 'empty');
      assert.equal(await page.locator('#wait').count(), 0);
    });

    unit('the guard starts no login if it is unmounted at once', async (given) => {
      const { calls, evaluate, show } = given;
      await show('guard');
      await evaluate(async () => {
        window.opened[0].set({ status: 'signed-out', reason: 'expired' });
        // React renders before the next task.
        await Promise.resolve();
        await Promise.resolve();
        window.unmount();
      });
      await idle(given);
      assert.deepEqual(await calls('login'), []);
    });

    unit('the guard waits for a click after a logout, and logs in again after an expiry', async (given) => {
      const { calls, page, says, set, show, signIn } = given;
      await show('guard');
      await signIn();
      await says('draft', 'empty');
      await set(signedOut('signed-out'));
      await page.getByRole('alert').getByText('You have logged out.').waitFor();
      await idle(given);
      assert.deepEqual(await calls('login'), []);
      await page.getByRole('button', { name: 'Log in', exact: true }).click();
      assert.deepEqual(await calls('login'), [[{ tenantName: 'acme' }]]);
      await signIn();
      await says('draft', 'empty');
      await set(signedOut('expired'));
      await idle(given);
      assert.deepEqual((await calls('login')).slice(1), [[{ automatic: true, tenantName: 'acme' }]]);
    });

    unit('the guard remembers over a lost vault that its user was signed in', async (given) => {
      const { calls, page, says, set, show, signIn } = given;
      await show('guard');
      await signIn();
      await says('draft', 'empty');
      await set({ status: 'loading' });
      await says('wait', 'wait');
      await set(signedOut('signed-out'));
      await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
      await idle(given);
      assert.deepEqual(await calls('login'), []);
    });

    unit('the guard shows a failed sign-in in a sentence, and waits for a click', async (given) => {
      const { calls, evaluate, page, show } = given;
      await show('guard');
      await evaluate(() => window.opened[0].set({
        status: 'failed', error: window.errorOf('access_denied', 'the sign-in was declined at the provider', 'Not today.'),
      }));
      await page.getByRole('alert').getByText('The sign-in was declined at the provider.', { exact: true }).waitFor();
      await idle(given);
      assert.deepEqual(await calls('login'), []);
      await page.getByRole('button', { name: 'Try again', exact: true }).click();
      assert.deepEqual(await calls('login'), [[{ tenantName: 'acme' }]]);
    });

    unit('the guard shows why a login could not start', async (given) => {
      const { calls, refuse, page, set, show } = given;
      await show('guard');
      await set(signedOut('expired'));
      await idle(given);
      await refuse('login', 'login_loop', 'too many logins');
      await page.getByRole('alert').getByText('Too many logins.', { exact: true }).waitFor();
      await idle(given);
      assert.equal((await calls('login')).length, 1);
    });

    unit('`failure` replaces what the guard shows', async (given) => {
      const { calls, evaluate, page, says, set, show, signIn } = given;
      await show('failure');
      await signIn();
      await page.locator('#inside').waitFor({ state: 'attached' });
      await set(signedOut('signed-out'));
      await says('again', 'logged out');
      await evaluate(() => window.opened[0].set({ status: 'failed', error: window.errorOf('access_denied', 'declined') }));
      await says('again', 'access_denied');
      await page.locator('#again').click();
      assert.deepEqual(await calls('login'), [[{}]]);
    });

    unit('another user’s page starts anew', async ({ page, says, show, signIn }) => {
      await show('guard');
      await signIn('ada');
      await page.locator('#draft').click();
      await says('draft', 'written');
      // A renewal changes the state, and not the user.
      await signIn('ada');
      await says('draft', 'written');
      await signIn('grace');
      await says('draft', 'empty');
    });

    unit('the user info is fetched once for all components, and again for another user', async (given) => {
      const { answer, calls, says, set, show, signIn } = given;
      await show('userInfo');
      await says('one', 'true');
      await set(signedOut('never-signed-in'));
      await says('one', 'false');
      await idle(given);
      assert.equal((await calls('userInfo')).length, 0);
      await signIn('ada');
      await says('two', 'true');
      await answer('userInfo', { fullName: 'Ada' });
      await says('one', 'Ada false');
      await says('two', 'Ada false');
      await signIn('ada');
      await idle(given);
      assert.equal((await calls('userInfo')).length, 1);
      await signIn('grace');
      await says('one', 'true');
      await answer('userInfo', { fullName: 'Grace' });
      await says('two', 'Grace false');
      assert.equal((await calls('userInfo')).length, 2);
    });

    unit('an answer for a user who has left is not shown', async (given) => {
      const { answer, says, show, signIn } = given;
      await show('userInfo');
      await signIn('ada');
      await says('one', 'true');
      await signIn('grace');
      await idle(given);
      await answer('userInfo', { fullName: 'Ada' });
      await idle(given);
      await says('one', 'true');
      await answer('userInfo', { fullName: 'Grace' });
      await says('one', 'Grace false');
    });

    unit('`refetch` keeps what is shown, and shows its error', async ({ answer, calls, page, refuse, says, show, signIn }) => {
      await show('userInfo');
      await signIn();
      await says('one', 'true');
      await answer('userInfo', { fullName: 'Ada' });
      await says('one', 'Ada false');
      await page.locator('#one').click();
      await says('two', 'Ada true');
      await refuse('userInfo', 'network', 'the network failed');
      await says('two', 'Ada network false');
      await page.locator('#two').click();
      await says('one', 'Ada network true');
      await answer('userInfo', { fullName: 'Ada King' });
      await says('one', 'Ada King false');
      assert.equal((await calls('userInfo')).length, 3);
    });

    for (const tree of ['suspended', 'suspendedWhole']) {
      unit(`suspense (${tree}): one session and one request`, async (given) => {
        const { answer, calls, says, sessions, show, signIn } = given;
        await show(tree);
        await says('wait', 'wait');
        await idle(given);
        await signIn();
        await idle(given);
        await says('wait', 'wait');
        assert.equal((await calls('userInfo')).length, 1);
        await answer('userInfo', { fullName: 'Ada' });
        await says('user', 'Ada');
        await idle(given);
        assert.equal((await calls('userInfo')).length, 1);
        assert.deepEqual(await sessions(), ['open']);
      });
    }

    unit('suspense: an error is thrown to the boundary', async ({ page, refuse, says, show, signIn, watched }) => {
      await show('suspended');
      await signIn();
      await says('wait', 'wait');
      await refuse('userInfo', 'network', 'the network failed');
      await says('thrown', 'network');
      assert.equal(await page.locator('#user').count(), 0);
      watched.unexpected([]).forEach((line) => assert.match(line, /the network failed|The above error/));
      watched.unexpected = () => [];
    });

    unit('suspense: a server leaves it to the page', async ({ evaluate, answer, says, signIn }) => {
      const html = server.render('suspended');
      assert.match(html, /<p id="wait">wait<\/p>/);
      await evaluate((html_) => window.hydrate('suspended', html_), html);
      await signIn();
      await says('wait', 'wait');
      await answer('userInfo', { fullName: 'Ada' });
      await says('user', 'Ada');
    });
  });
}
