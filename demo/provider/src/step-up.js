// Logins of two levels, and the demand for the higher one (RFC 9470).
import { errors, interactionPolicy } from 'oidc-provider';
import { Refusal } from './refusal.js';

/** The levels, as `acr` names them: one factor, and two. */
export const ONE_FACTOR = 'urn:example:pwd';
export const TWO_FACTORS = 'urn:example:mfa';
export const ACR_VALUES = [ONE_FACTOR, TWO_FACTORS];

/** What the parameter `claims` says of `acr`. */
function acrOfClaims(claims) {
  try {
    return JSON.parse(claims).id_token?.acr ?? {};
  } catch {
    return {};
  }
}

/**
 * The level that an authorization request asks for: of those that it names, the first that is known.
 *
 * @throws UnmetAuthenticationRequirements if none is known.
 */
function levelOf({ acr_values: acrValues, claims }) {
  const { value, values } = acrOfClaims(claims);
  const asked = [...(acrValues?.split(' ') ?? []), ...[value, values].flat()].filter(Boolean);
  const level = asked.find((each) => ACR_VALUES.includes(each));
  if (asked.length && !level) throw new errors.UnmetAuthenticationRequirements('none of the requested acr values is supported');
  return level;
}

/** Whether an authorization request asks for a second factor. */
export const asksForTwoFactors = (settings, params) => settings.stepUp && levelOf(params) === TWO_FACTORS;

/** The check that shows the login page to users who are signed in at a lower level than a request asks for. */
export function levelCheck(settings) {
  const isTooLow = ({ oidc }) => asksForTwoFactors(settings, oidc.params) && oidc.session.acr !== TWO_FACTORS;
  return new interactionPolicy.Check('acr', 'a login of a higher level is required', 'login_required', isTooLow);
}

/**
 * What the API demands of the login behind an access token.
 *
 * @throws Refusal if the token is of a lower level, or of an older login.
 */
export function demandLogin({ acr, auth_time: authTime }, { settings: { sensitiveAcr, sensitiveMaxAge }, now }) {
  const isTooLow = sensitiveAcr !== null && acr !== sensitiveAcr;
  const isTooOld = sensitiveMaxAge !== null && !(now - authTime <= sensitiveMaxAge);
  if (!isTooLow && !isTooOld) return;
  const description = isTooLow ? 'A login of another level is required.' : 'A more recent login is required.';
  throw new Refusal('insufficient_user_authentication', description, {
    ...(sensitiveAcr !== null && { acr_values: sensitiveAcr }),
    ...(sensitiveMaxAge !== null && { max_age: sensitiveMaxAge }),
  });
}
