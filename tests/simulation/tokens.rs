//! The token endpoint: codes with PKCE, refresh tokens with rotation in families, and ID tokens
//! that may lie.

use core::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::apis;
use super::keys;
use super::laws;
use super::provider::{AccessToken, CLIENT, Issued, TENANTS};
use super::tally::Kind;
use super::text::{self, ACCESS, CODE, REFRESH, base64url, parameter};
use super::world::World;

/// The response of the token endpoint, and what is in it.
pub struct Granted {
    pub body: String,
    /// Whether it is `invalid_grant`.
    pub refusal: bool,
    /// Whether it is another refusal that gives a reason.
    pub definitive: bool,
    pub refresh_token: Option<u32>,
    pub id_token: Option<usize>,
}

const LIES: [Kind; 15] = [
    Kind::LieIssuer,
    Kind::LieAudience,
    Kind::LieNonce,
    Kind::LieSubject,
    Kind::LieTenant,
    Kind::LieExpired,
    Kind::LieFuture,
    Kind::LieOld,
    Kind::LieAccessTokenHash,
    Kind::LieSignature,
    Kind::LieUnknownKey,
    Kind::LieAlgorithm,
    Kind::LieAuthTime,
    Kind::LieMissing,
    Kind::LieMalformed,
];

impl World<'_> {
    pub fn token_endpoint(&mut self, form: &str, key: Option<&str>) -> Granted {
        match parameter(form, "grant_type") {
            Some("authorization_code") => self.exchange(form, key),
            _ => self.renew(form, key),
        }
    }

    fn exchange(&mut self, form: &str, key: Option<&str>) -> Granted {
        let code = parameter(form, "code").and_then(|code| text::secret_number(CODE, code)).unwrap_or(u32::MAX);
        let verifier = parameter(form, "code_verifier").unwrap_or_default();
        let challenge = base64url(&Sha256::digest(verifier.as_bytes()));
        let time = self.time;
        let Some(record) = self.provider.codes.get_mut(code as usize) else { return refusal("invalid_grant") };
        if core::mem::replace(&mut record.used, true) {
            self.tally.count(Kind::CodeUsedTwice);
            return refusal("invalid_grant");
        }
        if record.ends < time {
            self.tally.count(Kind::CodeExpired);
            return refusal("invalid_grant");
        }
        if !self.provider.proves(code, &challenge) {
            return refusal("invalid_grant");
        }
        let bound_to = self.provider.codes[code as usize].key.clone();
        if bound_to.is_some() && bound_to.as_deref() != key {
            self.breaks(laws::BOUND, || "a code was sent with another key".to_owned());
        }
        let family = self.provider.begin_family(code, time);
        self.provider.families[family].key = key.map(str::to_owned);
        let refresh_token = self.provider.grants_refresh_tokens.then(|| self.provider.issue_refresh_token(family));
        self.grant(family, None, false, refresh_token, true)
    }

    fn renew(&mut self, form: &str, key: Option<&str>) -> Granted {
        let token = parameter(form, "refresh_token").and_then(|token| text::secret_number(REFRESH, token));
        let Some((token, family)) = token.and_then(|token| Some((token, self.provider.family_of(token)?))) else {
            return refusal("invalid_grant");
        };
        if self.provider.families[family].key.as_deref() != key {
            self.breaks(laws::BOUND, || "a refresh token was sent with another key".to_owned());
        }
        let replaced = self.provider.families[family].current != token;
        if replaced && !self.provider.forgives_reuse {
            // A replaced token is used: it was stolen, or sent again.
            self.tally.count(Kind::ReuseDetected);
            self.provider.families[family].ended = true;
        }
        if self.provider.families[family].ended {
            return refusal("invalid_grant");
        }
        if let Some(error) = self.provider.refuses {
            self.tally.count(Kind::RenewalRefused);
            return Granted { refusal: false, definitive: true, ..refusal(error) };
        }
        let api = apis::named_in(form);
        if let Some(error) = self.provider.denies.filter(|_| api.is_some()) {
            self.tally.count(Kind::ApiDenied);
            return Granted { refusal: false, definitive: true, ..refusal(error) };
        }
        let refresh_token = (self.provider.rotates || replaced).then(|| self.provider.issue_refresh_token(family));
        let with_id_token = self.provider.id_token_on_renewal;
        self.grant(family, api, true, refresh_token, with_id_token)
    }

    fn grant(
        &mut self,
        family: usize,
        api: Option<usize>,
        renewal: bool,
        refresh_token: Option<u32>,
        with_id_token: bool,
    ) -> Granted {
        let lifetime = self.provider.lifetime;
        let ends = if lifetime == 0 { i64::MAX } else { self.time + i64::from(lifetime) * 1000 };
        let access = u32::try_from(self.provider.access.len()).unwrap();
        self.provider.access.push(AccessToken { family, ends, api });
        let access = text::secret(ACCESS, access);
        let mut body = String::with_capacity(1024);
        let token_type = if self.provider.binds { "DPoP" } else { "Bearer" };
        let _ = write!(body, r#"{{"access_token":"{access}","token_type":"{token_type}""#);
        if lifetime > 0 {
            let _ = write!(body, r#","expires_in":{lifetime}"#);
        }
        if let Some(token) = refresh_token {
            let _ = write!(body, r#","refresh_token":"{}""#, text::secret(REFRESH, token));
        }
        let mut id_token = None;
        if with_id_token {
            let lie = self.chance.one_in(self.mood.lies).then(|| self.chance.pick(&LIES));
            let is_wristband = self.provider.is_wristband;
            let lie = lie.filter(|lie| may_lie(*lie, renewal) && (is_wristband || *lie != Kind::LieTenant));
            if let Some(lie) = lie {
                self.tally.count(lie);
                self.say(|| format!("the next ID token lies: {lie:?}"));
            }
            id_token = Some(self.provider.issued.len());
            match self.id_token(family, renewal, lie, &access) {
                None => {}
                Some(token) => {
                    let _ = write!(body, r#","id_token":"{token}""#);
                }
            }
        }
        body.push('}');
        Granted { body, refusal: false, definitive: false, refresh_token, id_token }
    }

    fn id_token(&mut self, family: usize, renewal: bool, lie: Option<Kind>, access: &str) -> Option<String> {
        let provider = &mut self.provider;
        let now = provider.clock(self.time);
        if renewal && provider.moves_auth_time {
            provider.families[family].auth_time = provider.families[family].auth_time.max(now);
        }
        let record = &provider.families[family];
        let lies = |kind| lie == Some(kind);
        let issued_at = match lie {
            Some(Kind::LieFuture) => now + 7200,
            Some(Kind::LieOld) if renewal => record.auth_time - 7200,
            Some(Kind::LieExpired) => now - 7200,
            _ => now,
        };
        let expires = if lies(Kind::LieExpired) { now - 3600 } else { issued_at.max(now) + 3600 };
        let number = provider.issued.len();
        provider.issued.push(Issued { family, renewal, lie, issued_at, expires });
        let issuer = if lies(Kind::LieIssuer) { "https://evil.example" } else { provider.issuer() };
        let audience = if lies(Kind::LieAudience) { "another-client" } else { CLIENT };
        let person = if lies(Kind::LieSubject) { record.person + 7 } else { record.person };
        let auth_time = if lies(Kind::LieAuthTime) { record.signed_in_at - 500 } else { record.auth_time };
        let mut claims = String::with_capacity(420);
        let _ = write!(
            claims,
            r#"{{"iss":"{issuer}","sub":"user-{person}","aud":"{audience}","iat":{issued_at},"exp":{expires},"auth_time":{auth_time},"jti":{number}"#
        );
        if !renewal || lies(Kind::LieNonce) {
            let login = if lies(Kind::LieNonce) { u32::MAX } else { record.login };
            let _ = write!(claims, r#","nonce":"Nonce___{login:08x}AAAAAAAAAAAAAAAAAAAAAAAAAAA""#);
        }
        if provider.is_wristband {
            let tenant = usize::from(record.tenant) ^ usize::from(lies(Kind::LieTenant));
            let _ = write!(claims, r#","tnt_id":"tenant-{}","app_id":"app-1""#, TENANTS[tenant]);
        }
        if number.is_multiple_of(2) || lies(Kind::LieAccessTokenHash) {
            let hash = Sha256::digest(if lies(Kind::LieAccessTokenHash) { "other" } else { access }.as_bytes());
            let _ = write!(claims, r#","at_hash":"{}""#, base64url(&hash[..16]));
        }
        claims.push('}');
        let key = if lies(Kind::LieUnknownKey) { keys::NEVER_PUBLISHED } else { *provider.keys.end() };
        let mut token = String::with_capacity(700);
        match lie {
            Some(Kind::LieMissing) => return None,
            Some(Kind::LieAlgorithm) => token.push_str(&base64url(br#"{"alg":"none"}"#)),
            _ => token.push_str(keys::header(key)),
        }
        token.push('.');
        base64_onto(claims.as_bytes(), &mut token);
        let mut signature = keys::sign(key, &token);
        if lies(Kind::LieSignature) {
            signature[0] ^= 1;
        }
        token.push('.');
        base64_onto(&signature, &mut token);
        if lies(Kind::LieMalformed) {
            token.push('=');
        }
        Some(token)
    }
}

/// Some lies cannot be detected at a sign-in, where every claim is new.
fn may_lie(lie: Kind, renewal: bool) -> bool {
    renewal || !matches!(lie, Kind::LieSubject | Kind::LieTenant | Kind::LieOld | Kind::LieAuthTime)
}

fn base64_onto(bytes: &[u8], text: &mut String) {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode_string(bytes, text);
}

pub fn refusal(error: &str) -> Granted {
    Granted { body: format!(r#"{{"error":"{error}"}}"#), refusal: true, definitive: false, refresh_token: None, id_token: None }
}
