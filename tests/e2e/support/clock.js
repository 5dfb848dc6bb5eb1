// Clocks that are wrong, or that jump.

export const HOURS = 3600;
export const DAYS = 24 * HOURS;

/** From the next page on, the wall clocks of all pages are off by this many seconds. */
export function setWallClock(context, seconds) {
  return context.addInitScript((wrongBy) => {
    const Right = Date;
    window.wrongBy = wrongBy * 1000;
    window.Date = class extends Right {
      constructor(...when) {
        super(...(when.length > 0 ? when : [Right.now() + window.wrongBy]));
      }

      static now() {
        return Right.now() + window.wrongBy;
      }
    };
  }, seconds);
}

/** Sets the wall clock of a page. Timers and other clocks are unaffected. */
export function turnWallClock(page, seconds) {
  return page.evaluate((turned) => { window.wrongBy += turned * 1000; }, seconds);
}

/** The machine sleeps: the wall clock and the rest of the world have gone on, and no timer ran. */
export async function sleep({ app, control, page, site }, seconds) {
  const { auth_time: signedInAt } = (await app.state()).claims;
  control.patchSettings({ clockShiftSeconds: seconds });
  // The `auth_time` of before the sleep has not changed.
  control.addFault({ endpoint: 'token', grant: 'refresh_token', times: 9, idToken: { claims: { auth_time: signedInAt } } });
  site.clockShift = seconds;
  await turnWallClock(page, seconds);
}

/** The user opens the lid. */
export function wake(page) {
  return page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    window.dispatchEvent(new Event('focus'));
  });
}
