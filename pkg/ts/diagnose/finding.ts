import type { CheckName, Finding } from "../diagnose.js";

/** The page of the documentation that explains every check. Its headings are the names of the checks. */
export const GUIDE = "docs/when-something-does-not-work.md";

const finding = (check: CheckName, ok: boolean | null, cause: string, remedy: string): Finding => ({ check, ok, cause, remedy, link: `${GUIDE}#${check}` });

/** A check that found nothing wrong. `cause` says what was seen. */
export const passed = (check: CheckName, cause: string): Finding => finding(check, true, cause, "");

export const failed = (check: CheckName, cause: string, remedy: string): Finding => finding(check, false, cause, remedy);

/** What a page cannot find out, or not before something else works. */
export const unknown = (check: CheckName, cause: string, remedy = ""): Finding => finding(check, null, cause, remedy);

/** Milliseconds after which a check is given up. A check makes a few requests, each with a shorter limit. */
const LIMIT = 30_000;

/** The findings of a check, whatever happens in it, and however long it takes. */
export function settled(check: CheckName, findings: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => resolve([unknown(check, `the check did not end within ${LIMIT / 1_000} s`, "Run it again.")]), LIMIT);
  });
  const thrown = findings.catch((error: unknown) => [unknown(check, `the check itself failed: ${String(error)}`, "Please report this.")]);
  return Promise.race([thrown, late]).finally(() => clearTimeout(timer));
}
