// Why a request is refused: the error and its description in the words of the standards, and the challenge that says so.

/** `params` are further parameters of the challenge. */
export class Refusal extends Error {
  constructor(error, description, params = {}) {
    super(description);
    this.error = error;
    this.params = params;
  }
}

const quoted = (value) => `"${String(value).replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`;

/** The value of the header `WWW-Authenticate` for a refusal. */
export function challenge(scheme, { error, message, params }) {
  const all = Object.entries({ error, error_description: message, ...params });
  return `${scheme} ${all.map(([name, value]) => `${name}=${quoted(value)}`).join(', ')}`;
}
