// Makes sure that every tab has a session, and counts the lost ones.
import { setTimeout as pause } from 'node:timers/promises';
import { WITHOUT_SESSION } from './faults.mjs';

/** Milliseconds that a session has to come back automatically: a redirect that restores it takes less. */
const GRACE = 10_000;

/** Milliseconds after which a tab that shows no state of the app, or an unknown one, counts as stranded. */
const MAX_LOADING = 20_000;

/** Losses of one shared session that tabs notice within this many milliseconds are one. */
const SAME = 5_000;

/** Milliseconds after a restored session during which the library does not restore it again: that could be a loop. */
const JUST_RESTORED = 60_000;

const ENDED = ['signed-out', 'failed'];

/** Watches all tabs until the run is over. */
export async function watchSessions(run) {
  // A session that is gone only for a moment is noticed as well.
  run.onState = (tab) => {
    if (ENDED.includes(tab.status) && !run.faults.isOn('logout')) tab.ended ??= describe(run, tab);
    if (tab.status === 'signed-in') tab.ended = undefined;
  };
  await Promise.all(run.tabs.map((tab) => watchTab(run, tab)));
}

async function watchTab(run, tab) {
  while (!run.isOver) {
    await tab.exclusive(() => look(run, tab));
    await pause(250);
  }
}

const describe = ({ ledger }, { status, reason, detail, openedAt }) => ({ at: ledger.now(), time: Date.now(), openedAt, status, reason, detail });

async function look(run, tab) {
  if (run.isOver || tab.isSignedIn || run.faults.isOn('logout')) return undefined;
  if (tab.status === 'crashed') return tab.reopen();
  // What can be done while the provider does not answer says nothing.
  if (run.faults.isProviderDown) return undefined;
  const waited = Date.now() - tab.since;
  if (ENDED.includes(tab.status)) return tab.ended && waited > GRACE ? recover(run, tab) : undefined;
  return waited > MAX_LOADING ? bringHome(run, tab) : undefined;
}

/** The session is gone: the user reloads the page, and logs in again if that does not help. */
async function recover(run, tab) {
  const { time, openedAt, ...how } = tab.ended;
  run.say(`signed out: tab ${tab.index}, ${how.status}, ${how.reason}`);
  const isSame = run.vault === 'shared' && Math.abs(time - run.lastLoss?.time) < SAME;
  if (isSame) run.lastLoss.entry.tabs.push(tab.index);
  const entry = isSame ? run.lastLoss.entry : run.ledger.entry(tab, { tabs: [tab.index], ...how });
  if (!isSame) run.lastLoss = { time, entry };
  const consequence = run.faults.begin({ name: 'session lost', codes: WITHOUT_SESSION, from: time - 2_000, tab: run.vault === 'shared' ? undefined : tab });
  const end = await comeBack(run, tab, isSame);
  consequence.end();
  tab.ended = undefined;
  if (isSame) return;
  // A shared session may be older than the tab.
  const isRestoredTwice = run.vault !== 'shared' && run.faults.endsSessions(time) && time - openedAt < JUST_RESTORED;
  const isExcused = (run.faults.stopsRestore(time) || isRestoredTwice) && end === 'a reload';
  run.ledger[isExcused ? 'interrupted' : 'lost'].push({ ...entry, endedBy: end });
}

/** Gets the session back. Returns how. */
async function comeBack(run, tab, isSame) {
  // With a shared session one tab is enough.
  if (isSame && await tab.untilSignedIn(25_000)) return 'another tab';
  try {
    await tab.comeHome();
    if (await tab.untilSignedIn(GRACE)) return 'a reload';
    await tab.logIn();
    return 'a login';
  } catch (error) {
    run.ledger.note('problems', tab, { what: 'login after a loss', problem: error.message.split('\n')[0] });
    return 'nothing';
  }
}

/** The tab shows something other than the app: an error page of the browser, or a page of the provider. */
async function bringHome(run, tab) {
  run.ledger.note('stranded', tab, { where: tab.where(), status: tab.status });
  run.say(`stranded: tab ${tab.index} at ${tab.where()}, ${tab.status}`);
  await tab.comeHome().catch((error) => run.ledger.note('problems', tab, { what: 'come home', problem: error.message.split('\n')[0] }));
}
