// Runs `diagnose` in a page of the app's origin on which the app does not run.

/** The report on the app's settings, with these changes. */
export async function diagnose({ page, site }, changes = {}, url = site.blank) {
  await page.goto(url);
  const { apiUrl, ...options } = site.config;
  return page.evaluate(async (given) => (await import('/diagnose.js')).diagnose(given), { ...options, vault: 'auto', ...changes });
}

const named = (report, ok) => report.filter((finding) => finding.ok === ok).map(({ check }) => check);

/** The names of the checks that failed. */
export const failures = (report) => named(report, false);

/** The names of the checks that could not be made. */
export const unknowns = (report) => named(report, null);
