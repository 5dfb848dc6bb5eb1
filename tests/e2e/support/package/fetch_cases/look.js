// What an app can observe of a response and of an error, as plain data.

/** The kind of an error, and its message without the name of the function that threw it. */
export function errorOf(error) {
  if (!(error instanceof Error)) return { thrown: String(error) };
  if (error.name === 'AuthError') return { error: `AuthError ${error.code}` };
  const kind = error instanceof DOMException ? `DOMException ${error.name}` : `${error.constructor.name}`;
  return { error: kind, message: error.message.replace(/^Failed to (execute '\w+' on '\w+'|construct '\w+'): /, '') };
}

/** Everything in a response except the content of its body. */
export function look(response) {
  const { status, statusText, ok, redirected, type, url, bodyUsed } = response;
  const isResponse = response instanceof Response && String(response) === '[object Response]';
  // The only header that tells the time.
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  return { status, statusText, ok, redirected, type, url, headers, body: response.body && 'stream', bodyUsed, isResponse };
}

/** What a promise settles to. */
export const settled = (promise) => Promise.resolve(promise).then((value) => ({ value }), errorOf);

export const text = (bytes) => new TextDecoder().decode(bytes);

/** The next chunk of a reader. */
export async function next(reader) {
  const { done, value } = await reader.read();
  return done ? 'end' : text(value);
}

/** Marks a case in which the request may or may not reach the server, or not as a whole. */
export const race = (run) => Object.assign(run, { isRace: true });
