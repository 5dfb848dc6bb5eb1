// The page itself: with the keyboard, at any width, and while it waits.
import assert from 'node:assert/strict';
import { eventually } from './support/eventually.js';
import { hold, isTokenRequest, stage } from './support/harness.js';
import { ada, hank } from './support/people.js';

const { test } = stage();

/** Presses Tab until an element has the focus, as a user without a mouse does. */
async function tabTo(locator) {
  const page = locator.page();
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await locator.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail(`Tab does not lead to ${locator}.`);
}

/** Moves to a button with the keyboard, and presses it. */
async function press(button, key = 'Enter') {
  await tabTo(button);
  assert.ok(await visibleFocus(button), `${button} does not show that it has the focus.`);
  await button.page().keyboard.press(key);
}

const visibleFocus = (locator) => locator.evaluate((element) => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
});

test('the whole demo can be used with the keyboard alone', { announced: [/Failed to load resource/] }, async ({ context, demo, page, site, providerLog }) => {
  const typeIn = async ({ password }) => {
    await demo.provider.password.waitFor();
    await tabTo(demo.provider.password);
    await page.keyboard.type(password);
    await page.keyboard.press('Enter');
  };
  await demo.open();
  await demo.isSignedOut();
  await tabTo(demo.tenantName);
  assert.ok(await visibleFocus(demo.tenantName));
  await page.keyboard.type('acme');
  await tabTo(demo.loginHint);
  await page.keyboard.type(ada.email);
  await press(demo['Log in']);
  await typeIn(ada);
  await demo.isSignedIn(ada);

  await press(demo['Renew now']);
  await demo.hasRenewed(1);
  // The focus is still on the pressed button when it is enabled again.
  await eventually('the focus on "Renew now"', () => demo['Renew now'].evaluate((button) => button === document.activeElement && !button.disabled));
  await page.keyboard.press('Space');
  await demo.hasRenewed(2);
  await press(demo['Expire now']);
  await demo.hasRenewed(3);
  await press(demo['Go offline']);
  await demo['Back online'].waitFor();
  // It is the same button, with another label.
  await page.keyboard.press('Enter');
  await demo.outcome('A network that goes away', /^Back online/);
  await press(demo['Read the tokens'], 'Space');
  await demo.outcome('A script that looks for tokens', /shape of a token|Nothing was found/);
  await press(demo['Call API']);
  await demo.answerOfApi();

  const [leptos, yew, typescript] = ['Leptos', 'Yew', 'TypeScript'].map((name) => page.getByRole('tab', { name, exact: true }));
  await tabTo(leptos);
  await page.keyboard.press('ArrowRight');
  await eventually('the focus on Yew', () => yew.evaluate((tab) => tab === document.activeElement));
  await page.keyboard.press('End');
  await page.getByRole('tabpanel', { name: 'TypeScript' }).getByText('await auth.renew();').waitFor();
  assert.equal(await typescript.getAttribute('aria-selected'), 'true');
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tabpanel', { name: 'Leptos' }).getByText('use_auth()').waitFor();

  const opened = context.waitForEvent('page');
  await press(demo['Open a second tab']);
  await (await opened).close();
  await press(demo.Reload);
  await demo.outcome('A reload', /token endpoint/);

  await tabTo(demo.tenantName);
  await page.keyboard.type('globex');
  await tabTo(demo.loginHint);
  await page.keyboard.type(hank.email);
  await press(demo['Switch tenant']);
  await typeIn(hank);
  await demo.isSignedIn(hank);

  await press(demo['Log out']);
  await eventually('the logout', () => providerLog.requests('logout').length === 1);
  await demo['Log in'].waitFor();
  await demo.isSignedOut();
  assert.ok(page.url().startsWith(site.url()));
});

test('Enter in a text box begins the login', async ({ demo, page }) => {
  await demo.open();
  await demo.tenantName.fill('acme');
  // A form whose only button is disabled does not accept Enter either.
  await eventually('a button that works', () => demo['Log in'].isEnabled());
  await page.keyboard.press('Enter');
  await demo.provider.password.waitFor();
});

test('while the settings are loading no button can be pressed', async ({ demo, site }) => {
  const release = site.hold('config.json');
  const waiting = demo.page.waitForRequest((request) => request.url() === site.url('config.json'));
  await demo.open();
  await waiting;
  // Any button that is already shown is disabled.
  for (const button of await demo.page.getByRole('button').all()) assert.ok(await button.isDisabled());
  assert.equal(await demo.page.getByRole('alert').count(), 0);
  release();
  await demo['Log in'].waitFor();
  await eventually('a button that works', () => demo['Log in'].isEnabled());
});

test('while a login is being finished no button is enabled', async ({ demo, page }) => {
  await demo.open();
  await demo.leave({ tenant: 'acme' });
  await demo.provider.email.waitFor();
  const exchange = await hold(page, isTokenRequest);
  await demo.provider.signIn(ada);
  await exchange.arrived;
  assert.ok(await demo['Log in'].isDisabled());
  assert.equal(await demo['Log out'].count(), 0);
  await demo.says(/…$/);
  exchange.release();
  await demo.isSignedIn(ada);
});

test('while the API is called its button waits', async ({ demo, page }) => {
  await demo.open();
  await demo.logIn(ada);
  const call = await hold(page, (url) => url.pathname === '/v1/me');
  await demo['Call API'].click();
  await call.arrived;
  assert.ok(await demo['Call API'].isDisabled());
  call.release();
  await demo.answerOfApi();
  await eventually('a button that works', () => demo['Call API'].isEnabled());
});

test('the status is announced: one polite live region, there from the start', async ({ demo, page }) => {
  await demo.open();
  await demo.isSignedOut();
  const [status] = await demo.status.all();
  assert.equal(await demo.status.count(), 1);
  const polite = await status.evaluate((element) => element.getAttribute('aria-live') ?? 'polite');
  assert.equal(polite, 'polite');
  // A live region that is replaced is not read: the element has to stay while its text changes.
  await demo.logIn(ada);
  const element = await page.getByRole('status').elementHandle();
  await page.getByRole('link', { name: 'What is stored where' }).click();
  await demo.isSignedIn(ada);
  assert.ok(await element.evaluate((node) => node.isConnected));
});

for (const [width, height] of [[320, 640], [390, 844], [1920, 1080]]) {
  test(`nothing is cut off or scrolls sideways at ${width} pixels`, { announced: [/status of 40[04]/], context: { viewport: { width, height } } }, async ({ demo, page }) => {
    const fits = async (where) => {
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth, window.innerWidth]);
      assert.ok(widths[0] <= widths[2] && widths[1] <= widths[2], `${where}: ${widths}`);
    };
    await demo.open('about');
    await demo.isSignedOut();
    await fits('about');
    await demo.open('check');
    await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.getByText(/could not be made/).waitFor();
    await fits('the checks');
    await demo.open('callback?error=access_denied&state=forged');
    await demo.alerts('state_unknown');
    await fits('an alert');
    await demo.open();
    await demo.isSignedOut();
    await fits('signed out');
    await demo.logIn(ada);
    await demo.callApi();
    await fits('signed in');
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
    await fits('unfolded');
    for (const button of await page.getByRole('button').all()) {
      const { x, width: wide } = await button.boundingBox();
      assert.ok(x >= 0 && x + wide <= width, `${await button.innerText()} is at ${x}, ${wide} wide`);
    }
  });
}

test('on a phone, the first two screens say who and where, and have the main buttons', { context: { viewport: { width: 390, height: 844 } } }, async ({ demo, page }) => {
  await demo.open();
  await demo.logIn(ada);
  const ends = async (element) => {
    const { y, height } = await element.boundingBox();
    return y + height;
  };
  for (const element of [demo.status.first(), demo.drawing, demo['Log out'], demo['Renew now'], demo['Call API']]) {
    assert.ok(await ends(element) <= 2 * 844, `${await element.innerText()} ends at ${await ends(element)}`);
  }
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height <= 3 * 844, `${height} pixels`);
  assert.ok(!await demo['Go offline'].isVisible());
  await page.getByRole('heading', { name: 'Try to break it', exact: true }).click();
  await demo['Go offline'].click();
  await demo['Back online'].waitFor();
  // A host is broken between its labels, not in its port.
  const ports = await page.locator('.port').evaluateAll((found) => found.map((port) => port.getClientRects().length));
  assert.deepEqual(new Set(ports), new Set([1]));
});

test('on a phone, an attempt that leaves the page is unfolded when it has come back', { context: { viewport: { width: 390, height: 844 } } }, async ({ demo, page }) => {
  await demo.open();
  await demo.logIn(ada);
  await page.getByRole('heading', { name: 'Try to break it', exact: true }).click();
  await demo.Reload.click();
  await demo.outcome('A reload', /^(Still signed in|The memory went)/);
});

test('nothing moves if the user prefers reduced motion', { context: { reducedMotion: 'reduce' } }, async ({ demo, page }) => {
  const moving = () => page.evaluate(() => {
    const longest = (text) => Math.max(...text.split(',').map((part) => Number.parseFloat(part) * (part.trim().endsWith('ms') ? 1 : 1000)));
    return [...document.querySelectorAll('*')].flatMap((element) => [null, '::before', '::after'].flatMap((pseudo) => {
      const { animationName, animationDuration, transitionDuration, transitionProperty } = getComputedStyle(element, pseudo);
      const animated = animationName !== 'none' && longest(animationDuration) > 10;
      const eased = transitionProperty !== 'none' && longest(transitionDuration) > 10;
      return animated || eased ? [`${element.tagName}${pseudo ?? ''}: ${animationName} ${transitionProperty}`] : [];
    }));
  });
  await demo.open();
  await demo.isSignedOut();
  assert.deepEqual(await moving(), []);
  await demo.logIn(ada);
  assert.deepEqual(await moving(), []);
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior), 'auto');
});

for (const colorScheme of ['light', 'dark']) {
  test(`text is readable on a ${colorScheme} page`, { context: { colorScheme, reducedMotion: 'reduce' } }, async ({ demo, page }) => {
    await demo.open();
    await demo.logIn(ada);
    await demo.callApi();
    assert.deepEqual(await page.evaluate(contrasts), []);
    await demo.open('about');
    await demo.isSignedIn(ada);
    assert.deepEqual(await page.evaluate(contrasts), []);
  });
}

/** The texts whose contrast is below 4.5 to 1. Runs in the page. */
function contrasts() {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1];
  const background = (element) => {
    if (!element) return rgba(matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff');
    const own = rgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, background(element.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const isImage = (one) => one && (getComputedStyle(one).backgroundImage !== 'none' || isImage(one.parentElement));
    if (!node.data.trim() || !element.checkVisibility() || element.closest('script, style, :disabled') || isImage(element)) continue;
    const behind = background(element);
    const light = [luminance(over(rgba(getComputedStyle(element).color), behind)), luminance(behind)].sort((a, b) => b - a);
    const ratio = (light[0] + 0.05) / (light[1] + 0.05);
    if (ratio < 4.5) found.push(`${node.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}
