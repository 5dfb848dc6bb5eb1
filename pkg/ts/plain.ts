import { failure } from "./failure.js";

/** Whether this is an event: of the DOM, or one that a framework passes to its listeners. */
function isEvent(options: object): boolean {
  return options instanceof Event || (options as { nativeEvent?: unknown }).nativeEvent instanceof Event;
}

/** JSON has no place for these: it would leave them out, or write them as `null` or `{}`. */
function refuseLosses(this: unknown, name: string, value: unknown): unknown {
  const isLost = typeof value === "function" || Number.isNaN(value) || Math.abs(value as number) === Infinity || isCollection(value);
  if (isLost) throw new TypeError(name);
  return value;
}

const isCollection = (value: unknown): boolean => Symbol.iterator in Object(value) && typeof value === "object" && !Array.isArray(value);

/**
 * A plain copy of options: a reactive proxy, for example, cannot be sent to the vault. An event counts as no options, so that `auth.login` can
 * be used as an event listener.
 *
 * @throws AuthError `config_invalid` if the options are not plain data.
 */
export function plain(options: object | undefined): object | undefined {
  if (!options || isEvent(options)) return undefined;
  try {
    return JSON.parse(JSON.stringify(options, refuseLosses)) as object;
  } catch (error) {
    throw failure("config_invalid", `the options are not plain values: ${(error as Error).message}`);
  }
}
