// A desktop with the example app on it, and the user's browser.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProvider } from '../../../demo/provider/src/provider.js';
import { eventually } from '../../e2e/support/eventually.js';
import { launchByPuppeteer } from '../../engines/support/puppeteer.js';
import { start } from '../../engines/support/processes.js';
import { startDriver, startScreen } from '../../engines/support/webkit.js';
import { AppWindow } from './app_window.js';

export const APP = process.env.TAURI_APP
  || fileURLToPath(new URL('../../../target/apart/debug/wristband-spa-auth-tauri-example', import.meta.url));

/** Keeps each URL that the app opens, in the file beside it. */
const BROWSER = `#!/bin/sh
printf '%s\\n' "$1" >> "$(dirname "$0")/opened"
`;

/** The folders of a home that programs write to. The settings and the URLs that the browser got are elsewhere. */
const WRITTEN = ['cache', 'config', 'data', 'state', 'run'];

/** The user's home: whatever the app or its web view writes is below it. */
async function makeHome(provider) {
  const home = await mkdtemp(join(tmpdir(), 'desktop-'));
  for (const name of ['bin', ...WRITTEN]) await mkdir(join(home, name), { mode: 0o700 });
  await writeFile(join(home, 'bin', 'opened'), '');
  await writeFile(join(home, 'bin', 'browser'), BROWSER);
  await chmod(join(home, 'bin', 'browser'), 0o755);
  await writeFile(join(home, 'config.json'), JSON.stringify(provider.appSettings));
  return home;
}

const busOf = (home) => `unix:path=${join(home, 'bin', 'bus')}`;

const variablesOf = (home) => ({
  HOME: home,
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_STATE_HOME: join(home, 'state'),
  XDG_RUNTIME_DIR: join(home, 'run'),
  INVOICES_BROWSER: join(home, 'bin', 'browser'),
  INVOICES_CONFIG: join(home, 'config.json'),
  // The kernel's keyring: here is no desktop with a Secret Service.
  INVOICES_STORE: 'keyutils',
  TAURI_WEBVIEW_AUTOMATION: 'true',
  // There may be no bus at this address, but never that of the user who runs the tests.
  DBUS_SESSION_BUS_ADDRESS: busOf(home),
});

/** What is in the files of a folder. */
async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Promise.all(files.map(async (file) => (await readFile(file)).toString('latin1')));
}

/** The program that is a desktop's message bus. A second process of the app finds the first one by it. */
const BUS = '/usr/bin/dbus-daemon';

/** Why a desktop cannot have a bus here, or `false`. */
export const whyNoBus = () => !existsSync(BUS) && `${BUS} is missing`;

async function startBus(home) {
  const bus = await start(BUS, ['--session', '--nofork', '--print-address=1', `--address=${busOf(home)}`]);
  await once(bus.output, 'data');
  return bus;
}

/** A provider, a screen, a home and a browser. The app is started by `startApp`. */
export async function startDesktop({ redirectUri, withBus = false } = {}) {
  // A client of its own has a record of its own in the keyring, which outlives a test that fails.
  const clientId = `tauri${randomBytes(8).toString('hex')}`;
  const provider = await startProvider({
    clientId, settings: { native: true, reuseGraceSeconds: 0 }, ...(redirectUri && { redirectUris: [redirectUri] }),
  });
  const home = await makeHome(provider);
  const bus = withBus ? [await startBus(home)] : [];
  const screen = await startScreen();
  const chromium = await launchByPuppeteer('chromium');
  const { newTab, close: forget } = await chromium.visit();
  const drivers = [];
  let taken = 0;

  const opened = async () => (await readFile(join(home, 'bin', 'opened'), 'utf8')).split('\n').filter(Boolean);

  return {
    provider,
    display: screen.display,
    /** Every URL that the app has opened in the browser. */
    opened,
    /** Every file that the app, its web view and their libraries have left. */
    files: async () => (await Promise.all(WRITTEN.map((name) => filesOf(join(home, name))))).flat(),
    /** The next URL that the app opens, in a tab of the user's browser. The tab has the URLs that it was redirected to. */
    async tab() {
      await eventually('a URL for the browser', async () => (await opened()).length > taken);
      const tab = Object.assign(await newTab(), { redirects: [] });
      tab.page.on('response', (response) => tab.redirects.push(response.headers().location ?? ''));
      const url = (await opened())[taken];
      taken += 1;
      // A logout of this app ends at the application's login page, which a native app does not have.
      await tab.open(url).catch((error) => {
        if (!/\/logout\?/.test(url)) throw error;
      });
      return tab;
    },
    /** Opens a deep link, as the system does: by starting the app again. That process ends. */
    async openDeepLink(url) {
      const { ended } = await start(APP, [url], { ...variablesOf(home), DISPLAY: screen.display });
      await ended;
    },
    async startApp() {
      const driver = await startDriver(screen.display, { variables: variablesOf(home) });
      drivers.push(driver);
      return AppWindow.open(driver, APP);
    },
    async close() {
      await forget();
      await chromium.close();
      // A test that failed has left the app and its driver behind.
      for (const { stop } of [...drivers, screen, ...bus]) await stop();
      await provider.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
