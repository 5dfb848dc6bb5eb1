import type { Finding } from "../diagnose.js";
import { ask, jsonOf, shown } from "./ask.js";
import { failed, passed, unknown } from "./finding.js";
import type { Setup } from "./setup.js";

/** The options that a Wristband application knows itself, with its name for each, and its value where the app says nothing. */
const NAMES: readonly (readonly [option: string, member: string, usual: unknown])[] = [
  ["redirectUri", "redirectUri", undefined],
  ["loginUrl", "loginUrl", undefined],
  ["applicationCustomDomainActive", "isApplicationCustomDomainActive", false],
  ["tenantFromRootDomain", "loginUrlTenantDomainSuffix", undefined],
  ["applicationLoginPage", "customApplicationLoginPageUrl", undefined],
];

/** Compares the settings with the SDK configuration of the Wristband application. */
export async function application(setup: Setup): Promise<Finding[]> {
  const { application: origin, settings, violations } = setup;
  if (!origin) return [];
  const url = `${origin}/api/v1/clients/${encodeURIComponent(String(settings["clientId"]))}/sdk-configuration`;
  const reply = await ask(violations, url);
  if (reply.kind !== "answered") {
    return [unknown("application", `the application's configuration could not be read (${url})`, "Compare redirectUri and loginUrl with the client in Wristband's dashboard, letter by letter.")];
  }
  const { response, text } = reply;
  if (response.status === 404) {
    return [failed("application", `the application ${origin} has no client ${String(settings["clientId"])}`, "Copy the client ID from Wristband's dashboard; check applicationVanityDomain.")];
  }
  const known = response.ok ? jsonOf(text) : undefined;
  if (!known) return [unknown("application", `${url} was answered with ${shown(response)}`, "Compare the settings with Wristband's dashboard.")];
  const differences = NAMES.flatMap(([option, member, usual]) => {
    const [given, registered] = [settings[option] ?? usual, known[member] ?? usual];
    return registered === undefined || given === undefined || given === registered ? [] : [`${option} is ${String(given)} here and ${String(registered)} there`];
  });
  if (!differences.length) return [passed("application", "the settings are those of the Wristband application")];
  return [failed(
    "application",
    `the settings differ from those of the Wristband application: ${differences.join("; ")}`,
    "Make them equal, letter by letter (scheme, port, slash at the end), or let configure() fill them in.",
  )];
}
