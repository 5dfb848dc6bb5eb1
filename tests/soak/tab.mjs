// One tab: what its pages report, and what its user does with it.
import { setTimeout as pause } from 'node:timers/promises';
import { App } from '../e2e/support/app.js';
import { ada } from '../e2e/support/people.js';

/** Milliseconds until a page of the app should be signed in. */
const PATIENCE = 30_000;

export class Tab {
  /** The document that runs the app in this tab, if any. */
  doc;
  /** The status that the app last reported. */
  status = 'loading';
  since = Date.now();
  /** Whether the page was left, and will be returned to. */
  isAway = false;
  visits = { reload: 0, reopen: 0, trip: 0, 'kept for the trip': 0, 'login with the form': 0, 'login without the form': 0 };
  /** Why the browser did not keep the page for the Back button. */
  notKept = [];
  #queue = Promise.resolve();

  constructor(index, { chance, ledger, meanPause, newPage, api, onState }) {
    Object.assign(this, { index, chance, ledger, meanPause, newPage, api, onState });
  }

  /** Runs one thing after the other: user actions, faults, and measurements. */
  exclusive(work) {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {});
    return done;
  }

  async open(site) {
    this.site = site;
    this.page = await this.newPage(this);
    this.page.on('framenavigated', (frame) => { if (frame === this.page.mainFrame()) this.#navigated(frame.url()); });
    this.page.once('crash', () => {
      this.#ended('crashed');
      this.#setState({ status: 'crashed' });
    });
    this.app = new App(this.page, site);
    await this.app.open();
  }

  /** A message of a page. */
  hear({ event, doc, ...members }) {
    if (event === 'open') return this.#opened(doc);
    if (doc !== this.doc) return undefined;
    if (event === 'may leave unread') return !this.api.hasEndless();
    if (event === 'back') this.#isBack(members.open);
    else if (event === 'state') this.#setState(members);
    else if (event === 'begin') this.ledger.begin(this, { doc, ...members });
    else if (event === 'progress') this.ledger.progress(members);
    else if (event === 'end') this.ledger.end(this, members);
    else if (event === 'aborted') this.ledger.aborted(this, members);
    return undefined;
  }

  #opened(doc) {
    this.#ended('left by the session');
    Object.assign(this, { doc, openedAt: Date.now() });
    this.#setState({ status: 'loading' });
    return { seed: this.chance.seed(), meanPause: this.meanPause };
  }

  /** The browser was redirected out of the app, by the session or something else. */
  #navigated(url) {
    if (this.isAway || url.startsWith(this.site.origin) || !this.doc) return;
    this.#ended('left by the session');
    this.#setState({ status: 'loading' });
  }

  /** The page is back from the back/forward cache, and waits for these calls. */
  #isBack(open) {
    this.wasKept = true;
    this.ledger.documentBack(this.doc, Date.now() - this.leftAt, open);
  }

  #setState({ status, reason, detail }) {
    Object.assign(this, { status, reason, detail, since: Date.now() });
    if (status === 'signed-out') this.signedOutAt = this.since;
    this.onState(this);
  }

  #ended(why) {
    if (this.doc) this.ledger.documentEnded(this, this.doc, why);
    this.doc = undefined;
  }

  /** Whether the tab shows the app, and the user is signed in. */
  get isSignedIn() {
    return this.status === 'signed-in' && this.doc !== undefined && !this.isAway;
  }

  async untilSignedIn(within = PATIENCE) {
    const deadline = Date.now() + within;
    while (!this.isSignedIn && Date.now() < deadline) await pause(50);
    return this.isSignedIn;
  }

  async reload() {
    this.visits.reload += 1;
    this.#ended('reloaded');
    this.#setState({ status: 'loading' });
    await this.page.reload({ waitUntil: 'commit' });
  }

  async reopen() {
    this.visits.reopen += 1;
    this.#ended('closed');
    this.#setState({ status: 'loading' });
    await this.page.close();
    await pause(this.chance.between(200, 3000));
    await this.open(this.site);
  }

  async close() {
    this.#ended('closed');
    await this.page.close();
  }

  /** Goes to another page, and comes back with the Back button. */
  async trip() {
    this.visits.trip += 1;
    const { doc } = this;
    Object.assign(this, { isAway: true, leftAt: Date.now(), wasKept: false });
    this.ledger.documentLeft(this, doc);
    await this.page.goto('about:blank');
    await pause(this.chance.between(1000, 8000));
    const tools = await this.page.context().newCDPSession(this.page);
    tools.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) => this.notKept.push(...notRestoredExplanations.map(({ reason }) => reason)));
    await tools.send('Page.enable');
    const { currentIndex, entries } = await tools.send('Page.getNavigationHistory');
    await tools.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1].id });
    const deadline = Date.now() + PATIENCE;
    while (!this.wasKept && this.doc === doc && Date.now() < deadline) await pause(20);
    await tools.detach();
    this.isAway = false;
    if (this.wasKept) this.visits['kept for the trip'] += 1;
    this.since = Date.now();
  }

  /** Opens the app's page again: the tab shows something else. */
  async comeHome() {
    this.#ended('left');
    this.#setState({ status: 'loading' });
    await this.page.goto(this.site.url(), { waitUntil: 'commit' }).catch(() => {});
  }

  /** Logs in. The provider shows its form if the user has no session there. */
  async logIn() {
    await this.app.leave({ tenantName: ada.tenant });
    const shown = await Promise.race([
      this.app.provider.email.waitFor({ timeout: PATIENCE }).then(() => true, () => false),
      this.untilSignedIn().then(() => false),
    ]);
    this.visits[shown ? 'login with the form' : 'login without the form'] += 1;
    if (shown) await this.app.provider.signIn(ada);
    if (!await this.untilSignedIn()) throw new Error(`Tab ${this.index} could not log in: ${this.status}, ${this.reason}, at ${this.where()}.`);
  }

  /** Logs out. The provider sends the browser back. */
  async logOut() {
    const { doc } = this;
    await this.page.evaluate(() => { window.auth.logout().catch(() => {}); });
    const deadline = Date.now() + PATIENCE;
    while (Date.now() < deadline && !(this.doc !== doc && this.status === 'signed-out')) await pause(50);
    if (this.status !== 'signed-out') throw new Error(`Tab ${this.index} did not come back from the logout: ${this.status}, at ${this.where()}.`);
  }

  /** The tab's URL without its secrets. */
  where() {
    return this.page.url().replace(/[?#].*$/, '');
  }
}
