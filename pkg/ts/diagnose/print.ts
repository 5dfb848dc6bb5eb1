import type { Output, Report } from "../diagnose.js";

/** As `printReport` says. */
export function print(report: Report, output: Output): void {
  const broken = report.filter(({ ok }) => ok === false);
  const open = report.filter(({ ok }) => ok === null);
  const good = report.filter(({ ok }) => ok);
  output.group(`wristband-spa-auth: ${broken.length} of ${report.length} checks failed`);
  for (const { cause, check, link, remedy } of broken) output.warn(`✗ ${check}: ${cause}.\n  → ${remedy}\n  ${link}`);
  for (const { cause, check, link, remedy } of open) output.info(`? ${check}: ${cause}.\n  → ${remedy}\n  ${link}`);
  output.groupCollapsed(`✓ ${good.length} checks passed`);
  for (const { cause, check } of good) output.info(`✓ ${check}: ${cause}.`);
  output.groupEnd();
  output.groupEnd();
}
