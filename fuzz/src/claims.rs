//! The claims of an ID token with a valid signature.
//!
//! The first line says what the token is for: `fresh` for a login that asked for a recent
//! sign-in, `renewal`, or nothing for a plain login. The rest is the claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use core::time::Duration;
use serde_json::Value as Json;
use wristband_spa_auth::Error;
use wristband_spa_auth::protocol::error::Code;
use wristband_spa_auth::protocol::id_token::{Expected, IdToken, Purpose, Signature, UnverifiedIdToken};
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::protocol::secret::Nonce;

use crate::given::{CLIENT, ISSUER, TIME, lines, now};
use crate::opinion::expect_harmless;

const NONCE: &str = "the-nonce-of-this-login";
const TOLERANCE: i64 = 60;
const MAX_AGE: u32 = 300;
const ACR_VALUES: &str = "phr mfa";
const HASH: [u8; 32] = [7; 32];
/// The claims of the token before a renewal.
const PREVIOUS: &str = r#"{"iss":"https://id.example/realm","aud":"spa-client","sub":"person","exp":1750000600,
    "iat":1749999900,"auth_time":1749999800,"tnt_id":"tenant","nonce":"the-nonce-of-this-login"}"#;

pub fn check(data: &[u8]) {
    let (purpose, claims) = lines(data);
    let Ok(others) = serde_json::from_str::<Json>(&claims) else { return };
    let Some(token) = read(&claims) else { return };
    let nonce = Nonce::new(NONCE.to_owned());
    let previous = previous();
    let purpose = match purpose.as_ref() {
        "fresh" => Purpose::Login { nonce: &nonce, max_age: Some(MAX_AGE), acr_values: None },
        "stepped-up" => Purpose::Login { nonce: &nonce, max_age: None, acr_values: Some(ACR_VALUES) },
        "renewal" => Purpose::Renewal { previous: &previous, nonce: &nonce },
        _ => Purpose::Login { nonce: &nonce, max_age: None, acr_values: None },
    };
    assert_eq!(verify(&token, &purpose, &Signature::Invalid).err().map(|error| error.code()), Some(Code::IdTokenSignature));
    let verdict = verify(&token, &purpose, &Signature::Valid { access_token_hash: HASH.to_vec() });
    assert_eq!(verdict.is_ok(), is_right(&others, &purpose), "judged wrongly: {verdict:?}");
    match verdict {
        Ok(id_token) => expect_same(&id_token, &others, &purpose),
        Err(error) => {
            assert!(error.code().as_str().starts_with("id_token_") || error.code() == Code::SubjectChanged, "{error}");
            expect_harmless(&error);
        }
    }
}

fn read(claims: &str) -> Option<UnverifiedIdToken> {
    let parts = [r#"{"alg":"ES256"}"#, claims, "signature"].map(|part| URL_SAFE_NO_PAD.encode(part));
    UnverifiedIdToken::parse(&parts.join("."), &Algorithm::ALL).ok()
}

fn verify(token: &UnverifiedIdToken, purpose: &Purpose<'_>, signature: &Signature) -> Result<IdToken, Error> {
    let tolerance = Duration::from_secs(TOLERANCE as u64);
    let expected =
        Expected { issuer: ISSUER, client_id: CLIENT, purpose: purpose.clone(), now: now().wall, now_was_told: false, tolerance };
    token.verify(signature, &expected)
}

/// A verified token with the claims of the one before.
pub(crate) fn previous() -> IdToken {
    let nonce = Nonce::new(NONCE.to_owned());
    let purpose = Purpose::Login { nonce: &nonce, max_age: None, acr_values: None };
    let token = read(PREVIOUS).expect("it can be read");
    verify(&token, &purpose, &Signature::Valid { access_token_hash: HASH.to_vec() }).expect("it is right")
}

/// Every check of the claims, written a second time [OIDC Core §3.1.3.7, §12.2].
fn is_right(claims: &Json, purpose: &Purpose<'_>) -> bool {
    let there = |name: &str| claims.get(name).filter(|value| !value.is_null());
    let audience = match there("aud") {
        Some(Json::Array(list)) if list.iter().all(Json::is_string) => list.iter().collect(),
        Some(Json::Array(_)) | None => Vec::new(),
        Some(one) => vec![one],
    };
    let party = there("azp").map_or(audience.len() == 1, |party| party == CLIENT);
    let subject = claims["sub"].as_str().is_some_and(|subject| (1..256).contains(&subject.len()));
    let date = |name: &str| there(name).and_then(Json::as_f64);
    let is_date_or_absent = |name: &str| there(name).is_none_or(Json::is_number);
    let (now, tolerance) = (TIME as f64, TOLERANCE as f64);
    let expires =
        date("exp").is_some_and(|at| at.trunc() > now - tolerance && date("iat").is_some_and(|iat| at.trunc() > iat.trunc()));
    let issued = date("iat").is_some_and(|at| at.trunc() <= now + tolerance);
    let begins = is_date_or_absent("nbf") && date("nbf").is_none_or(|at| at.trunc() <= now + tolerance);
    let hash = there("at_hash").is_none_or(|hash| *hash == URL_SAFE_NO_PAD.encode(&HASH[..16]));
    claims["iss"] == ISSUER
        && audience.iter().any(|audience| *audience == CLIENT)
        && party
        && subject
        && expires
        && issued
        && begins
        && hash
        && is_stepped_up(claims, purpose)
        && is_for(claims, purpose)
}

fn is_stepped_up(claims: &Json, purpose: &Purpose<'_>) -> bool {
    let is_required = matches!(purpose, Purpose::Login { acr_values: Some(_), .. });
    !is_required || claims["acr"] == "phr" || claims["acr"] == "mfa"
}

fn is_for(claims: &Json, purpose: &Purpose<'_>) -> bool {
    let there = |name: &str| claims.get(name).filter(|value| !value.is_null());
    let auth_time = there("auth_time").map(Json::as_f64);
    match purpose {
        Purpose::Login { max_age: None, .. } => claims["nonce"] == NONCE && auth_time != Some(None),
        Purpose::Login { max_age: Some(seconds), .. } => {
            let oldest = (TIME - TOLERANCE - i64::from(*seconds)) as f64;
            claims["nonce"] == NONCE && auth_time.flatten().is_some_and(|at| at.trunc() >= oldest)
        }
        Purpose::Renewal { .. } => {
            there("nonce").is_none_or(|nonce| nonce == NONCE)
                && claims["sub"] == "person"
                && there("tnt_id").is_none_or(|tenant| tenant == "tenant")
                && there("azp").is_none()
                && auth_time.is_none_or(|time| time.is_some_and(|at| at.trunc() >= 1_749_999_800.0))
                && claims["iat"].as_f64().is_some_and(|at| at.trunc() >= (1_749_999_900 - TOLERANCE) as f64)
        }
        other => panic!("a purpose that is new: {other:?}"),
    }
}

/// The verified token says what the claims say; the nonce is not kept.
fn expect_same(id_token: &IdToken, claims: &Json, purpose: &Purpose<'_>) {
    assert_eq!(Some(id_token.subject()), claims["sub"].as_str());
    assert_eq!(id_token.claims().get("nonce"), None);
    let tenant = claims["tnt_id"].as_str();
    let kept = if matches!(purpose, Purpose::Renewal { .. }) { tenant.or(Some("tenant")) } else { tenant };
    assert_eq!(id_token.tenant_id(), kept);
}
