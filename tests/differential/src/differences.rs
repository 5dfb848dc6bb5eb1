//! Where the two disagree, and why.

use serde_json::Value;
use wristband_spa_auth::Error;
use wristband_spa_auth::protocol::error::Code;

use crate::draft::{CLIENT, Case, NOW};
use crate::judges::TOLERANCE;

/// Who refuses what the other accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stricter {
    They,
    We,
}

/// A disagreement that is meant.
pub struct Difference {
    pub name: &'static str,
    pub stricter: Stricter,
    pub reason: &'static str,
    /// Whether this is what the case is about. The code is ours, if we refused.
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
        reason: "Among several audiences the token has to name this client in `azp`, and an `azp` that is there has to be \
            this client: OIDC Core §3.1.3.7, steps 4 and 5. They leave `azp` to the app.",
        explains: |case, code| code == Some(Code::IdTokenAudience) && (azp(case) != Some(CLIENT)) && is_for_many(case),
    },
    Difference {
        name: "the subject",
        stricter: Stricter::We,
        reason: "`sub` is 1 to 255 characters long: OIDC Core §2. They take any text.",
        explains: |case, code| {
            let length = case.draft.claims["sub"].as_str().map_or(0, str::len);
            code == Some(Code::IdTokenSubject) && !(1..256).contains(&length)
        },
    },
    Difference {
        name: "a time of issue in the future",
        stricter: Stricter::We,
        reason: "A token from the future is refused, beyond the tolerance for clocks: OIDC Core §3.1.3.7, step 10 leaves the \
            range to the client. They take any, unless the app brings a check of its own.",
        explains: |case, code| code == Some(Code::IdTokenIssuedAt) && date(case, "iat").is_some_and(|at| at > latest()),
    },
    Difference {
        name: "an end before the beginning",
        stricter: Stricter::We,
        reason: "A token that ends before it was issued was never good: RFC 7519 §4.1.4 and §4.1.6 together. They do not compare \
            the two.",
        explains: |case, code| code == Some(Code::IdTokenExpired) && date(case, "exp") <= date(case, "iat"),
    },
    Difference {
        name: "not before",
        stricter: Stricter::We,
        reason: "`nbf` is a date, and in the past: RFC 7519 §4.1.5 forbids to accept the token otherwise. They do not read it.",
        explains: |case, code| {
            let is_good = date(case, "nbf").is_some_and(|at| at <= latest());
            code == Some(Code::IdTokenIssuedAt) && !case.draft.claims["nbf"].is_null() && !is_good
        },
    },
    Difference {
        name: "a member that is there twice",
        stricter: Stricter::We,
        reason: "Names are unique, or the token is refused: RFC 7515 §4 and RFC 7519 §4 allow both this and the last one to win. \
            They refuse only those that they know.",
        explains: |case, code| {
            let (header, claims) = (&case.draft.more_header, &case.draft.more_claims);
            code == Some(Code::IdTokenMalformed) && (header.contains(r#""x":"b""#) || claims.contains(r#""role":"b""#))
        },
    },
    Difference {
        name: "what JSON cannot say",
        stricter: Stricter::We,
        reason: "Half a surrogate pair is no character, and no number holds 1e400: RFC 8259 §6 and §8.2 warn of both. They do not \
            look at members of the header that they do not know.",
        explains: |case, code| {
            let unread = [r#""\ud83d""#, "1e400"].iter().any(|text| case.draft.more_header.contains(text));
            code == Some(Code::IdTokenMalformed) && unread
        },
    },
    Difference {
        name: "critical extensions that are null",
        stricter: Stricter::We,
        reason: "`crit` is a list that is not empty, or not there: RFC 7515 §4.1.11. They take `null` for not there.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && case.draft.header.get("crit").is_some_and(Value::is_null),
    },
    Difference {
        name: "the general types",
        stricter: Stricter::We,
        reason: "Only `JWT` and `id+jwt` pass for the type of an ID token, so that no other token does: RFC 8725 §3.11. They also \
            take `JOSE`, which is the type of everything that is signed.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && is_type(case, &["jose", "application/jwt"]),
    },
    Difference {
        name: "two spellings of the same bytes",
        stricter: Stricter::We,
        reason: "Base64url has one spelling for each text: RFC 4648 §3.5 allows to refuse bits that mean nothing, RFC 7515 §2 says \
            that there is nothing else than the encoded bytes. They overlook such bits.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && case.draft.respell.is_some(),
    },
    Difference {
        name: "a very long token",
        stricter: Stricter::We,
        reason: "Beyond 64 KiB nothing is read: a token response comes from the network. They have no bound.",
        explains: |case, code| code == Some(Code::IdTokenMalformed) && case.token.len() > 64 * 1024,
    },
    Difference {
        name: "what a key is for",
        stricter: Stricter::We,
        reason: "A key whose `key_ops` lack `verify` verifies nothing: RFC 7517 §4.3. They do not read them.",
        explains: |case, code| {
            let operations = case.draft.jwk["key_ops"].as_array();
            code == Some(Code::IdTokenKey) && operations.is_some_and(|list| !list.contains(&"verify".into()))
        },
    },
    Difference {
        name: "clocks that are apart",
        stricter: Stricter::They,
        reason: "A token is good for the tolerance longer than `exp` says: RFC 7519 §4.1.4 allows a few minutes. They have no \
            tolerance.",
        explains: |case, _| date(case, "exp").is_some_and(|at| at <= NOW as f64 && at.trunc() > (NOW - TOLERANCE) as f64),
    },
    Difference {
        name: "other audiences",
        stricter: Stricter::They,
        reason: "Other audiences are accepted beside this client when `azp` names it: OIDC Core §2 and §3.1.3.7, step 3. To them \
            every other audience is untrusted, unless the app says otherwise.",
        explains: |case, _| azp(case) == Some(CLIENT) && is_for_many(case),
    },
    Difference {
        name: "the type of an ID token",
        stricter: Stricter::They,
        reason: "`id+jwt` says what it is, as RFC 8725 §3.11 advises for every kind of token. They do not know it.",
        explains: |case, _| is_type(case, &["id+jwt", "application/id+jwt"]),
    },
    Difference {
        name: "the type of the content",
        stricter: Stricter::They,
        reason: "`cty` is not read: RFC 7519 §5.2 needs it for nested tokens alone, and the claims are JSON or refused. They refuse \
            every token that has one.",
        explains: |case, _| !case.draft.header["cty"].is_null(),
    },
    Difference {
        name: "several keys that fit",
        stricter: Stricter::They,
        reason: "Every key that fits is tried, eight at the most: OIDC Core §10.1 wants a `kid` where there are several keys, and \
            during a change of keys some providers have the same twice. They refuse to choose.",
        explains: |case, _| !case.draft.others.is_empty(),
    },
    Difference {
        name: "an algorithm of a key that nobody knows",
        stricter: Stricter::They,
        reason: "Wristband publishes keys with an `alg` that is not registered. RFC 7517 §4.4 makes it optional: one that is not \
            known binds the key to nothing. They leave such a key out.",
        explains: |case, _| case.draft.jwk["alg"] == "RSA256",
    },
    Difference {
        name: "profile claims of another type",
        stricter: Stricter::They,
        reason: "Claims that the checks do not need are handed on as they came: OIDC Core §3.1.3.7 is about none of them. They read \
            each of those that OIDC Core §5.1 names, and refuse the token with it.",
        explains: |case, _| {
            let (email, verified) = (&case.draft.claims["email"], &case.draft.claims["email_verified"]);
            email.is_number() || verified.is_string() || verified.is_number()
        },
    },
    Difference {
        name: "dates that no calendar has",
        stricter: Stricter::They,
        reason: "A date is a number of seconds, however large: RFC 7519 §2. They turn it into a date of the calendar, which ends.",
        explains: |case, _| ["exp", "auth_time"].iter().any(|name| date(case, name).is_some_and(|at| at > 1e15)),
    },
];

fn azp(case: &Case) -> Option<&str> {
    case.draft.claims["azp"].as_str()
}

/// Whether there are several audiences, or a party is named.
fn is_for_many(case: &Case) -> bool {
    case.draft.claims["aud"].as_array().is_some_and(|audiences| audiences.len() > 1) || azp(case).is_some()
}

fn is_type(case: &Case, types: &[&str]) -> bool {
    case.draft.header["typ"].as_str().is_some_and(|typ| types.contains(&typ.to_ascii_lowercase().as_str()))
}

fn date(case: &Case, name: &str) -> Option<f64> {
    case.draft.claims[name].as_f64()
}

/// The latest date that still counts as the past.
fn latest() -> f64 {
    (NOW + TOLERANCE) as f64
}
