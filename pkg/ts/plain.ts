import { failure } from "./failure.js";

/** Whether this is what a framework passes to a function that was given as the listener of an event. */
function isEvent(options: object): boolean {
  return options instanceof Event || (options as { nativeEvent?: unknown }).nativeEvent instanceof Event;
}

/**
 * A plain copy of options: a reactive proxy, for one, cannot be sent to the vault. An event is no options, so that a function can be passed as
 * a listener as it is.
 *
 * @throws AuthError `config_invalid` for what is not plain data.
 */
export function plain(options: object | undefined): object | undefined {
  if (!options || isEvent(options)) return undefined;
  try {
    return JSON.parse(JSON.stringify(options)) as object;
  } catch (error) {
    throw failure("config_invalid", `the options are not plain values: ${(error as Error).message}`);
  }
}
