// What the settings add to OpenID Connect: parameters of authorization requests, and members of the metadata.
import { DPOP_ALGORITHMS } from './proofs.js';
import { ACR_VALUES } from './step-up.js';

/** The parameters of authorization requests that the settings add. */
export const extraParameters = ({ dpop, stepUp }) => [...(dpop === 'off' ? [] : ['dpop_jkt']), ...(stepUp ? ['acr_values', 'claims'] : [])];

const ALL = extraParameters({ dpop: 'optional', stepUp: true });

/** Removes the parameters that the library knows and the settings do not. */
export function removeUnknown(params, settings) {
  for (const name of ALL) if (!extraParameters(settings).includes(name)) params.delete(name);
}

/** Whether access tokens can come with this scheme. */
export const isTokenScheme = ({ dpop }, scheme) => (dpop === 'off' ? /^bearer$/i : /^(?:bearer|dpop)$/i).test(scheme);

/** The members of the metadata that the settings add. */
export function extraMetadata({ dpop, par, stepUp }, { parEndpoint }) {
  return {
    ...(dpop !== 'off' && { dpop_signing_alg_values_supported: DPOP_ALGORITHMS }),
    ...(par !== 'off' && { pushed_authorization_request_endpoint: parEndpoint }),
    ...(par === 'required' && { require_pushed_authorization_requests: true }),
    ...(stepUp && { acr_values_supported: ACR_VALUES, claims_parameter_supported: true }),
  };
}

/** Replaces the library's members of the metadata, which do not depend on the settings, by those of the settings. */
export function adjustMetadata({ dpop_signing_alg_values_supported: _algs, pushed_authorization_request_endpoint: parEndpoint, ...metadata }, settings) {
  return { ...metadata, claims_parameter_supported: false, ...extraMetadata(settings, { parEndpoint }) };
}
