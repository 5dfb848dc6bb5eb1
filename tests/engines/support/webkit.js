// WebKitGTK, with its own driver, on a virtual screen.
import { once } from 'node:events';
import net from 'node:net';
import { eventually } from '../../e2e/support/eventually.js';
import { start } from './processes.js';
import { isReady, newSession } from './webdriver.js';

const DRIVER = process.env.WEBKIT_DRIVER || '/usr/bin/WebKitWebDriver';
const XVFB = process.env.XVFB || '/usr/bin/Xvfb';
/** Milliseconds that one script may take. More than any test waits. */
const SCRIPT = 60_000;

const capabilities = {
  timeouts: { script: SCRIPT },
  // Without a name the driver uses the browser that it was installed with.
  ...(process.env.MINIBROWSER && { 'webkitgtk:browserOptions': { binary: process.env.MINIBROWSER, args: ['--automation'] } }),
};

/** Starts a screen. It chooses a free number, and prints it when it is ready. */
export async function startScreen() {
  const screen = await start(XVFB, ['-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp']);
  const said = await Promise.race([once(screen.output, 'data'), screen.ended]);
  if (!screen.isRunning()) throw new Error(`${XVFB} ended before it showed anything.`);
  return { stop: screen.stop, display: `:${String(said).trim()}` };
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function environment(display) {
  return {
    DISPLAY: display,
    // It would look for a bus for screen readers.
    NO_AT_BRIDGE: '1',
    // The sandbox cannot be set up by root.
    ...(process.getuid() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' }),
  };
}

/**
 * Starts a driver on a free port, with additional environment variables, which the browser gets too. If the port has been taken meanwhile,
 * the driver ends.
 */
export async function startDriver(display, { variables = {}, attempts = 5 } = {}) {
  const port = await freePort();
  const driver = await start(DRIVER, [`--port=${port}`], { ...environment(display), ...variables });
  await eventually(`${DRIVER} at port ${port}`, async () => !driver.isRunning() || isReady(port));
  if (driver.isRunning()) return { stop: driver.stop, port };
  if (attempts === 1) throw new Error(`${DRIVER} ends when it is started.`);
  return startDriver(display, { variables, attempts: attempts - 1 });
}

/**
 * One tab, in a separate window: the tabs of one window are shown and hidden as they are switched to, which the app would notice.
 * All tabs of a session take turns, because a command goes to the one that was switched to last.
 */
class Tab {
  constructor(session, turns, handle) {
    Object.assign(this, { session, turns, handle });
  }

  #inTurn(work) {
    const turn = this.turns.last.then(async () => {
      if (this.turns.at !== this.handle) await this.session.switchTo(this.handle);
      this.turns.at = this.handle;
      return work(this.session);
    });
    this.turns.last = turn.catch(() => {});
    return turn;
  }

  open(url) {
    return this.#inTurn((session) => session.open(url));
  }

  reload() {
    return this.#inTurn((session) => session.reload());
  }

  evaluate(expression) {
    return this.#inTurn((session) => session.evaluate(expression));
  }

  click(expression) {
    return this.#inTurn(async (session) => session.click(await session.element(expression)));
  }

  fill(expression, text) {
    return this.#inTurn(async (session) => {
      const element = await session.element(expression);
      await session.clear(element);
      await session.type(element, text);
    });
  }

  close() {
    return this.#inTurn(async (session) => {
      await session.closeWindow();
      this.turns.at = undefined;
    });
  }
}

/** A separate browser with no data: the driver's browsers forget everything when they end. */
async function visit(display, drivers) {
  const driver = await startDriver(display);
  drivers.push(driver);
  const session = await newSession(driver.port, capabilities);
  const first = await session.window();
  const turns = { last: Promise.resolve(), at: first };
  let isFirst = true;
  return {
    pageErrors: [],
    async newTab() {
      if (!isFirst) return new Tab(session, turns, await session.newWindow());
      isFirst = false;
      return new Tab(session, turns, first);
    },
    async close() {
      await session.end().catch(() => {});
      await driver.stop();
    },
  };
}

export async function launchWebKit() {
  const screen = await startScreen();
  const drivers = [];
  return {
    visit: () => visit(screen.display, drivers),
    async close() {
      // A test that timed out has left its driver behind.
      for (const { stop } of [...drivers, screen]) await stop();
    },
  };
}
