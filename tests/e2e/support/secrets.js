// What must not be visible, and where it is visible nevertheless.

const TOKENS = ['accessTokens', 'refreshTokens', 'idTokens'];

/**
 * Every secret of these kinds that the provider has issued or received until now, in each form in which it could be recognised.
 *
 * A token is searched for as a whole, by its payload and by its signature: two thirds of a token are too much as well, while the header
 * is the same for all. The claims of an ID token may be shown; the signed string is not needed for that.
 */
export function secretsOf(control, kinds = [...TOKENS, 'codeVerifiers']) {
  const issued = control.issued();
  return kinds.flatMap((kind) => issued[kind].flatMap((text, index) => {
    const [, payload, signature] = text.split('.');
    const forms = { whole: text, ...(signature && { payload, signature }) };
    return Object.entries(forms).map(([form, searched]) => ({ kind, index, form, text: searched }));
  }));
}

/** How many secrets these are, not counting the forms. */
export const countOf = (secrets) => new Set(secrets.map(({ kind, index }) => `${kind} ${index}`)).size;

/** Which of the secrets are in these strings, as `kind[index] form`. */
export function sightings(secrets, texts) {
  const all = [texts].flat(Infinity);
  return secrets.filter(({ text }) => all.some((seen) => seen.includes(text))).map(({ kind, index, form }) => `${kind}[${index}] ${form}`);
}

/** The places in which something was found, with what it was. */
export function search(places, secrets) {
  const found = Object.entries(places).map(([place, texts]) => [place, sightings(secrets, texts)]);
  return Object.fromEntries(found.filter(([, seen]) => seen.length > 0));
}
