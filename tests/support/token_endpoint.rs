//! The provider's token endpoint: codes with PKCE, refresh tokens with rotation in families.

use ring::digest;
use serde_json::{Value, json};
use wristband_spa_auth::protocol::http::Response;

use super::CLIENT;
use super::history::Sent;
use super::id_token::Draft;
use super::keys::base64url;
use super::provider::{Kind, Provider, response};

/// A lifetime longer than any test.
const NEVER: i64 = 1 << 40;

/// A code that was issued.
pub struct Code {
    pub challenge: String,
    pub nonce: String,
    pub dpop_jkt: Option<String>,
    pub acr: Option<String>,
    pub redirect_uri: String,
    pub tenant: Option<String>,
    pub used: bool,
}

/// All refresh tokens that go back to one sign-in.
pub struct Family {
    pub current: String,
    pub previous: Vec<String>,
    pub revoked: bool,
    /// The thumbprint of the key that its tokens are bound to.
    pub key: Option<String>,
    acr: Option<String>,
    tenant: Option<String>,
    nonce: String,
    auth_time: i64,
}

impl Family {
    pub fn has_had(&self, token: &str) -> bool {
        self.current == token || self.previous.iter().any(|old| old == token)
    }
}

impl Provider {
    pub(super) fn token(&mut self, request: &Sent) -> Response {
        assert_eq!(request.field("client_id"), Some(CLIENT), "a public client names itself in the body");
        assert_eq!(request.bearer, None);
        let key = match self.check_proof(request, None) {
            Ok(key) => key,
            Err(refused) => return refused,
        };
        let answer = match request.field("grant_type") {
            Some("authorization_code") => self.exchange(request, key),
            Some("refresh_token") => self.renew(request, key),
            other => panic!("grant type {other:?}"),
        };
        Response { dpop_nonce: self.told_nonce(), ..answer }
    }

    fn exchange(&mut self, request: &Sent, key: Option<String>) -> Response {
        let verifier = request.field("code_verifier").unwrap().to_owned();
        self.secrets.push(("verifier", verifier.clone()));
        let Some(code) = self.codes.get_mut(request.field("code").unwrap()) else { return invalid_grant("no such code") };
        let proof = base64url(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
        if core::mem::replace(&mut code.used, true) || proof != code.challenge {
            return invalid_grant("the code was used before, or the verifier does not fit");
        }
        if request.field("redirect_uri") != Some(&code.redirect_uri) {
            return invalid_grant("another redirect URI");
        }
        if code.dpop_jkt.is_some() && code.dpop_jkt != key {
            return invalid_grant("the code is bound to another key");
        }
        let acr = code.acr.clone();
        let (nonce, tenant) = (code.nonce.clone(), code.tenant.clone());
        let current = self.issue("refresh");
        let auth_time = self.clock.seconds();
        self.families.push(Family {
            current,
            previous: Vec::new(),
            revoked: !self.grants_refresh_tokens,
            key,
            acr,
            tenant,
            nonce,
            auth_time,
        });
        let family = self.families.len() - 1;
        let answer = self.tokens(family, false);
        self.finish(answer, self.grants_refresh_tokens.then_some(family))
    }

    fn renew(&mut self, request: &Sent, key: Option<String>) -> Response {
        let token = request.field("refresh_token").unwrap();
        let Some(family) = self.families.iter().position(|family| family.has_had(token)) else {
            return invalid_grant("no such refresh token");
        };
        if self.families[family].key != key {
            return invalid_grant("the refresh token is bound to another key");
        }
        if self.families[family].current != token {
            // A replaced token is used: it was stolen, or sent again.
            self.reuses += 1;
            self.families[family].revoked = true;
        }
        if self.families[family].revoked {
            return invalid_grant("the refresh token was revoked");
        }
        if self.rotates {
            let current = self.issue("refresh");
            let old = core::mem::replace(&mut self.families[family].current, current);
            self.families[family].previous.push(old);
        }
        let answer = self.tokens(family, true);
        self.finish(answer, self.rotates.then_some(family))
    }

    fn finish(&mut self, mut answer: Value, refresh_token_of: Option<usize>) -> Response {
        if let Some(family) = refresh_token_of {
            answer["refresh_token"] = json!(self.families[family].current);
        }
        if let Some(edit) = &self.answer_edit {
            edit(&mut answer);
        }
        response(200, &answer.to_string())
    }

    fn tokens(&mut self, family: usize, renewal: bool) -> Value {
        let access_token = self.issue("access");
        let lifetime = self.access_lifetime.as_i64().unwrap_or(NEVER);
        let key = self.families[family].key.clone();
        let token_type = if key.is_some() { "DPoP" } else { "Bearer" };
        self.access_tokens.push((access_token.clone(), self.clock.seconds() + lifetime, key));
        let mut answer = json!({"access_token": access_token, "token_type": token_type, "expires_in": self.access_lifetime});
        if self.access_lifetime.is_null() {
            answer.as_object_mut().unwrap().remove("expires_in");
        }
        if !renewal || self.id_token_on_renewal {
            let id_token = self.id_token(family, renewal, &access_token);
            self.secrets.push(("id token", id_token.clone()));
            answer["id_token"] = json!(id_token);
        }
        answer
    }

    fn id_token(&self, family: usize, renewal: bool, access_token: &str) -> String {
        let family = &self.families[family];
        let lie = self.ordered_id_token();
        let key = self.made(&lie["key"]).unwrap_or_else(|| self.keys.last().unwrap());
        let now = self.clock.seconds();
        let mut draft = Draft {
            header: json!({"alg": key.algorithm.as_str(), "typ": "JWT"}),
            claims: json!({
                "iss": self.issuer(), "sub": self.subject, "aud": CLIENT, "iat": now, "exp": now + 1800,
                "auth_time": family.auth_time, "amr": ["pwd"],
            }),
            lie,
            access_token: access_token.to_owned(),
            renewal,
            now,
        };
        if let Some(acr) = &family.acr {
            draft.claim("acr", acr.as_str());
        }
        if let Some(kid) = &key.kid {
            draft.header("kid", kid.as_str());
        }
        if !renewal || self.is_thorough {
            draft.claim("nonce", family.nonce.as_str());
        }
        if self.is_thorough {
            draft.claim("at_hash", draft.access_token_hash(key.algorithm));
        }
        if let (Kind::Wristband, Some(tenant)) = (self.kind, &family.tenant) {
            draft.header("typ", "id+JWT");
            draft.claim("tnt_id", format!("tenant-{tenant}"));
            draft.claim("app_id", "app-1");
            draft.claim("idp_name", "wristband");
        }
        if let Some(edit) = &self.id_token_edit {
            edit(&mut draft);
        }
        draft.sign(key)
    }
}

fn invalid_grant(description: &str) -> Response {
    response(400, &json!({"error": "invalid_grant", "error_description": description}).to_string())
}
