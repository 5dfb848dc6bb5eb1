//! Recorded discovery documents and key sets of providers that people have: each is accepted, or refused with its reason.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use wristband_spa_auth::protocol::config::{Config, ConfigBuilder};
use wristband_spa_auth::protocol::error::{Code, Error};
use wristband_spa_auth::protocol::http::Response;
use wristband_spa_auth::protocol::jwks::{Algorithm, JwkSet};
use wristband_spa_auth::protocol::metadata::ProviderMetadata;
use wristband_spa_auth::protocol::secret::Secret;

/// What an app writes as the issuer, and what becomes of the document.
struct Document {
    file: &'static str,
    issuer: &'static str,
    outcome: Outcome,
}

enum Outcome {
    /// A session can use it.
    Accepted {
        /// Whether it has a logout.
        logout: bool,
        /// Whether it names user info.
        user_info: bool,
        algorithms: &'static [&'static str],
    },
    /// The detail of `metadata_invalid`.
    Refused(&'static str),
}

const fn accepted(logout: bool, user_info: bool, algorithms: &'static [&'static str]) -> Outcome {
    Outcome::Accepted { logout, user_info, algorithms }
}

const RS256: &[&str] = &["RS256"];
const ENTRA: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";

const DOCUMENTS: &[Document] = &[
    Document { file: "adfs", issuer: "https://fs.fabidentity.com/adfs", outcome: accepted(true, true, RS256) },
    // Its token endpoint wants a client secret, which the document does not say.
    Document { file: "apple", issuer: "https://appleid.apple.com", outcome: accepted(false, false, RS256) },
    Document {
        file: "auth0-before-oidc-logout",
        issuer: "https://micronautguides.eu.auth0.com/",
        outcome: accepted(false, true, RS256),
    },
    Document {
        file: "auth0-before-oidc-logout",
        issuer: "https://micronautguides.eu.auth0.com",
        outcome: Outcome::Refused(
            "issuer: found https://micronautguides.eu.auth0.com/, expected https://micronautguides.eu.auth0.com",
        ),
    },
    Document { file: "auth0-with-oidc-logout", issuer: "https://tenant.us.auth0.com/", outcome: accepted(true, true, RS256) },
    Document {
        file: "aws-cognito",
        issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_ZLiEFD4b6",
        outcome: accepted(false, true, RS256),
    },
    Document {
        file: "aws-cognito-no-domain",
        issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_FDyGrrjP6",
        outcome: accepted(true, true, RS256),
    },
    Document {
        file: "azure-b2c",
        issuer: "https://msidlabb2c.b2clogin.com/c8f83f7c-a28f-4e0d-a956-6e0d2df3826b/",
        outcome: accepted(true, false, RS256),
    },
    Document { file: "clerk", issuer: "https://glad-titmouse-32.clerk.accounts.dev", outcome: accepted(false, true, RS256) },
    Document { file: "dex.derived", issuer: "https://dex.example.com", outcome: accepted(false, true, RS256) },
    Document { file: "duende", issuer: "https://demo.duendesoftware.com", outcome: accepted(true, true, RS256) },
    Document { file: "entra-common", issuer: ENTRA, outcome: accepted(true, true, RS256) },
    Document {
        file: "entra-common",
        issuer: "https://login.microsoftonline.com/common/v2.0",
        outcome: Outcome::Refused(
            "issuer: found https://login.microsoftonline.com/{tenantid}/v2.0, expected https://login.microsoftonline.com/common/v2.0",
        ),
    },
    Document { file: "entra-organizations", issuer: ENTRA, outcome: accepted(true, true, RS256) },
    Document {
        file: "entra-tenant",
        issuer: "https://login.microsoftonline.com/12345678-1234-1234-1234-123456789012/v2.0",
        outcome: accepted(true, true, RS256),
    },
    Document { file: "facebook", issuer: "https://www.facebook.com", outcome: Outcome::Refused("response_types_supported") },
    Document { file: "gitlab", issuer: "https://gitlab.com", outcome: accepted(false, true, RS256) },
    Document { file: "google", issuer: "https://accounts.google.com", outcome: accepted(false, true, RS256) },
    // A test's own document, without TLS.
    Document { file: "hydra-test-snapshot", issuer: "http://hydra.localhost", outcome: accepted(true, false, &["ES256"]) },
    Document {
        file: "kanidm.derived",
        issuer: "https://idm.example.com/oauth2/openid/spa",
        outcome: accepted(false, true, &["ES256"]),
    },
    Document {
        file: "keycloak",
        issuer: "https://sso.example.com",
        outcome: accepted(true, true, &["EdDSA", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]),
    },
    Document { file: "logto", issuer: "https://xewb3h.logto.app/oidc", outcome: accepted(true, true, &["ES384"]) },
    Document {
        file: "okta-custom-as",
        issuer: "https://dev-265911.oktapreview.com/oauth2/default",
        outcome: accepted(true, true, RS256),
    },
    Document {
        file: "pingfederate",
        issuer: "https://connect-interop.pinglabs.org:9031",
        outcome: accepted(false, true, &["ES256", "ES384", "ES512", "RS256", "RS384", "RS512"]),
    },
];

/// How many keys of each set can verify signatures, and by which algorithm they are counted.
const KEY_SETS: &[(&str, Algorithm, usize)] = &[
    ("apple", Algorithm::Rs256, 3),
    // These numbers are in base64, and a JWK has them in base64url (RFC 7518 §6.3.1).
    ("battle-net", Algorithm::Rs256, 0),
    ("discord", Algorithm::Rs256, 1),
    ("docker", Algorithm::Rs256, 2),
    ("dropbox", Algorithm::Rs256, 1),
    ("entra-common", Algorithm::Rs256, 7),
    ("entra-organizations", Algorithm::Rs256, 6),
    ("facebook", Algorithm::Rs256, 2),
    ("gitlab", Algorithm::Rs256, 2),
    ("google", Algorithm::Rs256, 2),
    ("klarna", Algorithm::Rs256, 4),
    ("lego", Algorithm::Rs256, 5),
    ("mojeid", Algorithm::Rs256, 1),
    ("paypal", Algorithm::Rs256, 4),
    ("paypal", Algorithm::Ps256, 3),
    ("paypal", Algorithm::Es256, 7),
    ("slack", Algorithm::Rs256, 1),
    ("spotify", Algorithm::Rs256, 3),
    ("twitch", Algorithm::Rs256, 1),
    ("verimi", Algorithm::Rs256, 2),
    // These have 1,024 bits.
    ("yahoo", Algorithm::Rs256, 0),
    ("yahoo", Algorithm::Es256, 1),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents/data")
}

fn response(path: &Path) -> Response {
    Response { status: 200, body: Secret::new(fs::read_to_string(path).unwrap()), retry_after: None, ..Response::default() }
}

fn settings(issuer: &str) -> ConfigBuilder {
    Config::openid(issuer, "client", "https://app.example/callback").allow_insecure_loopback(true)
}

fn parse(document: &Document) -> Result<ProviderMetadata, Error> {
    let config = settings(document.issuer).build().unwrap();
    ProviderMetadata::parse(&response(&folder().join([document.file, ".json"].concat())), &config)
}

/// The names of the files in a folder, without `.json`.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect()
}

#[test]
fn every_recorded_document_is_accepted_or_refused_with_its_reason() {
    for document in DOCUMENTS {
        let Document { file, outcome, .. } = document;
        match (parse(document), outcome) {
            (Ok(metadata), Outcome::Accepted { logout, user_info, algorithms }) => {
                assert_eq!(metadata.end_session_endpoint().is_some(), *logout, "{file}: logout");
                assert_eq!(metadata.userinfo_endpoint().is_some(), *user_info, "{file}: user info");
                let names: BTreeSet<&str> = metadata.algorithms().iter().map(|algorithm| algorithm.as_str()).collect();
                assert_eq!(names, algorithms.iter().copied().collect(), "{file}: algorithms");
            }
            (Err(error), Outcome::Refused(detail)) => {
                assert_eq!((error.code(), error.detail()), (Code::MetadataInvalid, *detail), "{file}");
            }
            (Ok(_), Outcome::Refused(detail)) => panic!("{file} was accepted, and expected was: {detail}"),
            (Err(error), Outcome::Accepted { .. }) => panic!("{file} was refused: {error}"),
        }
    }
    let listed: BTreeSet<String> = DOCUMENTS.iter().map(|document| document.file.to_owned()).collect();
    assert_eq!(listed, files(&folder()), "every document has its line");
}

#[test]
fn every_recorded_key_set_has_the_usable_keys_that_it_should_have() {
    for (file, algorithm, count) in KEY_SETS {
        let keys = JwkSet::parse(&response(&folder().join("jwks").join([*file, ".json"].concat()))).unwrap();
        assert_eq!(keys.candidates(*algorithm, None).len(), *count, "{file}: {algorithm:?}");
    }
    let listed: BTreeSet<String> = KEY_SETS.iter().map(|(file, ..)| (*file).to_owned()).collect();
    assert_eq!(listed, files(&folder().join("jwks")), "every key set has its line");
}
