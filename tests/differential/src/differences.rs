//! Where the two libraries disagree, and why.

use serde_json::Value;
use wristband_spa_auth::Error;
use wristband_spa_auth::protocol::error::Code;

use crate::draft::{CLIENT, Case, NOW};
use crate::judges::TOLERANCE;

/// Which side refuses what the other accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stricter {
    They,
    We,
}

/// An intended disagreement.
pub struct Difference {
    pub name: &'static str,
    pub stricter: Stricter,
    pub reason: &'static str,
    /// Whether the case is about this difference. The code is ours, if we refused.
    explains: fn(&Case, Option<Code>) -> bool,
}

/// The difference that explains a disagreement.
pub fn explanation(case: &Case, ours: &Result<(), Error>) -> Option<&'static Difference> {
    let (stricter, code) = match ours {
        Ok(()) => (Stricter::They, None),
        Err(error) => (Stricter::We, Some(error.code())),
    };
    DIFFERENCES.iter().find(|difference| difference.stricter == stricter && (difference.explains)(case, code))
}

pub const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "the authorized party",
        stricter: Stricter::We,
        reason: "With several audiences, the token must name this client in `azp`, and an `azp` that is present must be this \
            client: OIDC Core §3.1.3.7, steps 4 and 5. openidconnect leaves `azp` to the app.",
        explains: |case, code| code == Some(Code::IdTokenAudience) && (azp(case) != Some(CLIENT)) && is_for_many(case),
    },
    Difference {
        name: "the subject",
        stricter: Stricter::We,
        reason: "`sub` is 1 to 255 characters long: OIDC Core §2. openidconnect accepts any string.",
        explains: |case, code| {
            let length = case.draft.claims["sub"].as_str().map_or(0, str::len);
            code == Some(Code::IdTokenSubject) && !(1..256).contains(&length)
        },
    },
    Difference {
        name: "a time of issue in the future",
        stricter: Stricter::We,
        reason: "A token issued in the future is rejected, beyond the clock tolerance: OIDC Core §3.1.3.7, step 10 leaves the \
            range to the client. openidconnect accepts any, unless the app adds a check of its own.",
        explains: |case, code| code == Some(Code::IdTokenIssuedAt) && date(case, "iat").is_some_and(|at| at > latest()),
    },
    Difference {
        name: "expiry before the time of issue",
        stricter: Stricter::We,
        reason: "A token that expires before it was issued was never valid: RFC 7519 §4.1.4 and §4.1.6 together. openidconnect \
            does not compare the two.",
        explains: |case, code| code == Some(Code::IdTokenExpired) && date(case, "exp") <= date(case, "iat"),
    },
    Difference {
        name: "not before",
        stricter: Stricter::We,
        reason: "`nbf` must be a date in the past: RFC 7519 §4.1.5 forbids accepting the token otherwise. openidconnect does not \
            read it.",
        explains: |case, code| {
            let is_good = date(case, "nbf").is_some_and(|at| at <= latest());
            code == Some(Code::IdTokenIssuedAt) && !case.draft.claims["nbf"].is_null() && !is_good
        },
    },
    Difference {
        name: "a repeated member",
        stricter: Stricter::We,
        reason: "If a name is repeated, the token is rejected: RFC 7515 §4 and RFC 7519 §4 allow either this or using the last \
            one. openidconnect rejects only repeated members that it knows.",
        explains: |case, code| {
            let (header, claims) = (&case.draft.more_header, &case.draft.more_claims);
            code == Some(Code::IdTokenMalformed) && (header.contains(r#""x":"b""#) || claims.contains(r#""role":"b""#))
        },
    },
    Difference {
        name: "values that JSON cannot represent",
        stricter: Stricter::We,
        reason: "Half a surrogate pair is not a character, and 1e400 does not fit a number: RFC 8259 §6 and §8.2 warn of both. \
            openidconnect does not look at unknown header members.",
        explains: |case, code| {
            let unread = [r#""\ud83d""#, "1e400"].iter().any(|text| case.draft.more_header.contains(text));
            code == Some(Code::IdTokenMalformed) && unread
        },
    },
    Difference {
        name: "`crit` is null",
        stricter: Stricter::We,
        reason: "`crit` is a non-empty list, or absent: RFC 7515 §4.1.11. openidconnect treats `null` as absent.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && case.draft.header.get("crit").is_some_and(Value::is_null),
    },
    Difference {
        name: "generic types",
        stricter: Stricter::We,
        reason: "Only `JWT` and `id+jwt` are accepted as the type of an ID token, so that no other kind of token passes: RFC \
            8725 §3.11. openidconnect also accepts `JOSE`, which is the type of every JWS.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && is_type(case, &["jose", "application/jwt"]),
    },
    Difference {
        name: "two spellings of the same bytes",
        stricter: Stricter::We,
        reason: "Base64url has one spelling for each byte string: RFC 4648 §3.5 allows rejecting nonzero pad bits, and RFC 7515 \
            §2 allows nothing but the encoded bytes. openidconnect ignores such bits.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && case.draft.respell.is_some(),
    },
    Difference {
        name: "a very long token",
        stricter: Stricter::We,
        reason: "Input longer than 64 KiB is not parsed, because a token response comes from the network. openidconnect has no \
            limit.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && case.token.len() > 64 * 1024,
    },
    Difference {
        name: "the operations of a key",
        stricter: Stricter::We,
        reason: "A key whose `key_ops` lacks `verify` verifies nothing: RFC 7517 §4.3. openidconnect does not read `key_ops`.",
        explains: |case, code| {
            let operations = case.draft.jwk["key_ops"].as_array();
            code == Some(Code::IdTokenKey) && operations.is_some_and(|list| !list.contains(&"verify".into()))
        },
    },
    Difference {
        name: "clocks that differ",
        stricter: Stricter::They,
        reason: "A token stays valid after `exp` for as long as the clock tolerance: RFC 7519 §4.1.4 allows a few minutes. \
            openidconnect has no tolerance.",
        explains: |case, _| date(case, "exp").is_some_and(|at| at <= NOW as f64 && at.trunc() > (NOW - TOLERANCE) as f64),
    },
    Difference {
        name: "other audiences",
        stricter: Stricter::They,
        reason: "Other audiences next to this client are accepted if `azp` names this client: OIDC Core §2 and §3.1.3.7, step 3. \
            openidconnect treats every other audience as untrusted, unless the app says otherwise.",
        explains: |case, _| azp(case) == Some(CLIENT) && is_for_many(case),
    },
    Difference {
        name: "the type of an ID token",
        stricter: Stricter::They,
        reason: "`id+jwt` names the kind of token, as RFC 8725 §3.11 advises for every kind. openidconnect does not know it.",
        explains: |case, _| is_type(case, &["id+jwt", "application/id+jwt"]),
    },
    Difference {
        name: "the type of the content",
        stricter: Stricter::They,
        reason: "`cty` is not read: RFC 7519 §5.2 needs it only for nested tokens, and claims that are not JSON are rejected. \
            openidconnect rejects every token that has one.",
        explains: |case, _| !case.draft.header["cty"].is_null(),
    },
    Difference {
        name: "several keys that fit",
        stricter: Stricter::They,
        reason: "Every key that fits is tried, at most eight: OIDC Core §10.1 requires a `kid` if there are several keys, and \
            during key rotation some providers publish the same one twice. openidconnect does not choose between them.",
        explains: |case, _| !case.draft.others.is_empty(),
    },
    Difference {
        name: "a key with an unknown algorithm",
        stricter: Stricter::They,
        reason: "Wristband publishes keys with an unregistered `alg`. RFC 7517 §4.4 makes it optional: an unknown one does not \
            restrict the key. openidconnect ignores such a key.",
        explains: |case, _| case.draft.jwk["alg"] == "RSA256",
    },
    Difference {
        name: "profile claims of another type",
        stricter: Stricter::They,
        reason: "Claims that the checks do not need are passed on unchanged: OIDC Core §3.1.3.7 covers none of them. \
            openidconnect parses each claim that OIDC Core §5.1 names, and rejects the token if one has another type.",
        explains: |case, _| {
            let (email, verified) = (&case.draft.claims["email"], &case.draft.claims["email_verified"]);
            email.is_number() || verified.is_string() || verified.is_number()
        },
    },
    Difference {
        name: "dates beyond the calendar",
        stricter: Stricter::They,
        reason: "A date is a number of seconds, however large: RFC 7519 §2. openidconnect converts it to a calendar date, which \
            has a limit.",
        explains: |case, _| ["exp", "auth_time"].iter().any(|name| date(case, name).is_some_and(|at| at > 1e15)),
    },
];

fn azp(case: &Case) -> Option<&str> {
    case.draft.claims["azp"].as_str()
}

/// Whether there are several audiences, or an `azp` is given.
fn is_for_many(case: &Case) -> bool {
    case.draft.claims["aud"].as_array().is_some_and(|audiences| audiences.len() > 1) || azp(case).is_some()
}

fn is_type(case: &Case, types: &[&str]) -> bool {
    case.draft.header["typ"].as_str().is_some_and(|typ| types.contains(&typ.to_ascii_lowercase().as_str()))
}

fn date(case: &Case, name: &str) -> Option<f64> {
    case.draft.claims[name].as_f64()
}

/// The latest date that still counts as past.
fn latest() -> f64 {
    (NOW + TOLERANCE) as f64
}
