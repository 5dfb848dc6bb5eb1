//! The two judges: this library and `openidconnect`.

use core::time::Duration;

use chrono::DateTime;
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{AccessToken, AccessTokenHash, ClientId, IssuerUrl, Nonce as TheirNonce};
use wristband_spa_auth::Error;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::id_token::{Expected, Purpose, Signature, UnverifiedIdToken};
use wristband_spa_auth::protocol::jwks::{Algorithm, JwkSet};
use wristband_spa_auth::protocol::secret::{Nonce, Secret};
use wristband_spa_auth::protocol::time::Timestamp;

use crate::draft::{ACCESS_TOKEN, CLIENT, Case, ISSUER, NONCE, NOW};
use crate::keys;

/// The allowed clock skew, in seconds. The other library allows none.
pub const TOLERANCE: i64 = 60;

/// This library: the checks that a session makes on the ID token of a login.
pub fn ours(case: &Case) -> Result<(), Error> {
    let body = Secret::new(case.jwks.to_string());
    let keys = JwkSet::parse(&Response { status: 200, body, retry_after: None, ..Response::default() })?;
    let token = UnverifiedIdToken::parse(&case.token, &Algorithm::ALL)?;
    let candidates = keys.candidates(token.algorithm(), token.kid());
    if candidates.is_empty() {
        return Err(Code::IdTokenKey.into());
    }
    let valid = keys::verifies(token.algorithm(), &candidates, token.signing_input().expose(), token.signature());
    let access_token_hash = keys::hash(token.algorithm().hash(), ACCESS_TOKEN);
    let signature = if valid { Signature::Valid { access_token_hash } } else { Signature::Invalid };
    let nonce = Nonce::new(NONCE.to_owned());
    let expected = Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        purpose: Purpose::Login { nonce: &nonce, max_age: None, acr_values: None },
        now: Timestamp::from_seconds(NOW),
        now_was_told: false,
        tolerance: Duration::from_secs(TOLERANCE.unsigned_abs()),
    };
    token.verify(&signature, &expected).map(drop)
}

/// The other library, used as its documentation shows, with the same algorithms.
pub fn theirs(case: &Case) -> Result<(), String> {
    let keys: CoreJsonWebKeySet = serde_json::from_value(case.jwks.clone()).map_err(|error| error.to_string())?;
    let token: CoreIdToken = case.token.parse().map_err(|error: serde_json::Error| error.to_string())?;
    let issuer = IssuerUrl::new(ISSUER.to_owned()).map_err(|error| error.to_string())?;
    let verifier = CoreIdTokenVerifier::new_public_client(ClientId::new(CLIENT.to_owned()), issuer, keys)
        .set_allowed_algs([
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            CoreJwsSigningAlgorithm::EdDsa,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha384,
            CoreJwsSigningAlgorithm::RsaSsaPssSha512,
        ])
        .set_time_fn(|| DateTime::from_timestamp(NOW, 0).unwrap_or_default());
    let nonce = TheirNonce::new(NONCE.to_owned());
    let claims = token.claims(&verifier, &nonce).map_err(|error| format!("{error:?}"))?;
    let Some(claimed) = claims.access_token_hash() else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(|error| error.to_string())?;
    let key = token.signing_key(&verifier).map_err(|error| error.to_string())?;
    let actual = AccessTokenHash::from_token(&AccessToken::new(ACCESS_TOKEN.to_owned()), algorithm, key);
    if actual.map_err(|error| error.to_string())? == *claimed { Ok(()) } else { Err("another access token".to_owned()) }
}
