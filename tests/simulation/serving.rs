//! The provider's responses to each request, before anything happens to them in transit.

use wristband_spa_auth::protocol::http::{Body, Request, Response};
use wristband_spa_auth::protocol::secret::Secret;

use super::keys;
use super::laws;
use super::network::{News, Refusal};
use super::proofs::Signed;
use super::provider::{AccessToken, CALLBACK, CLIENT, DOMAINS, ISSUER, Poison, TENANTS, VANITY};
use super::tally::Kind;
use super::text::{self, ACCESS, parameter};
use super::vault::Purpose;
use super::world::World;

impl World<'_> {
    /// The provider does its work.
    pub fn serve(&mut self, what: &Request, purpose: &Purpose, proof: Option<&Signed>) -> (Response, News) {
        let is_proven = matches!(purpose, Purpose::Exchange { .. } | Purpose::Renewal { .. } | Purpose::UserInfo);
        if self.provider.binds
            && is_proven
            && let Err(nonce) = self.check_proof(what, proof)
        {
            return wants_nonce(purpose, nonce);
        }
        let key = proof.map(|proof| proof.key.as_str());
        let form = if let Some(Body::Form(form)) = &what.body { form.expose() } else { "" };
        match purpose {
            Purpose::Confirmation { domain } => {
                let known = DOMAINS.contains(&domain.as_str());
                let confirmed = known.then(|| domain.clone());
                respond(200, format!(r#"{{"valid":{known}}}"#), News { confirmed, ..News::default() })
            }
            Purpose::Keys => respond(200, keys::published(self.provider.keys.clone()), News::default()),
            Purpose::Metadata => respond(200, metadata(self.provider.binds), News::default()),
            Purpose::Revocation { family } => {
                self.provider.families[*family].ended = true;
                respond(200, String::new(), News::default())
            }
            Purpose::UserInfo => self.tell_user_info(what, key),
            Purpose::Exchange { .. } | Purpose::Renewal { .. } => {
                let granted = self.token_endpoint(form, key);
                let id_token = granted.id_token.map(|number| &self.provider.issued[number]);
                let lies = |lie| matches!(lie, Some(Kind::LieSubject | Kind::LieTenant));
                let changed = id_token.filter(|id_token| lies(id_token.lie)).map(|id_token| id_token.family);
                let status = if granted.refusal || granted.definitive { 400 } else { 200 };
                let lie = id_token.and_then(|id_token| id_token.lie);
                let news = News {
                    invalid_grant: granted.refusal,
                    refusal: if granted.definitive { Refusal::Definitive } else { refusal_of(lie) },
                    refresh_token: granted.refresh_token,
                    changed,
                    lifetime: self.provider.lifetime,
                    ..News::default()
                };
                respond(status, granted.body, news)
            }
        }
    }

    fn tell_user_info(&mut self, what: &Request, key: Option<&str>) -> (Response, News) {
        let token = what.bearer.as_ref().and_then(|token| text::secret_number(ACCESS, token.expose()));
        let access = token.and_then(|token| self.provider.access.get(token as usize).copied());
        let is_valid = |access: &AccessToken| self.time < access.ends && !self.provider.families[access.family].ended;
        let Some(AccessToken { family, .. }) = access.filter(is_valid) else {
            return respond(401, String::new(), News::default());
        };
        if self.provider.families[family].key.as_deref() != key {
            self.breaks(laws::BOUND, || "an access token was sent with another key".to_owned());
        }
        let (mut person, mut tenant) = (self.provider.families[family].person, self.provider.families[family].tenant);
        if self.chance.one_in(self.mood.lies) {
            self.tally.count(Kind::UserInfoLies);
            if self.provider.is_wristband && self.chance.one_in(2) { tenant ^= 1 } else { person += 1 }
        }
        let body = match self.provider.is_wristband {
            true => format!(r#"{{"sub":"user-{person}","tnt_id":"tenant-{}"}}"#, TENANTS[usize::from(tenant)]),
            false => format!(r#"{{"sub":"user-{person}"}}"#),
        };
        respond(200, body, News::default())
    }

    /// The URL to which the provider redirects the browser after this authorization
    /// request. `person` is the user who signed in there; `None`, if the request did not allow a prompt.
    pub fn callback(&mut self, request: &str, person: Option<u8>, tenant: u8) -> String {
        let state = parameter(text::query(request), "state").unwrap_or_default();
        let wrong = self.chance.one_in(self.mood.callbacks).then(|| self.chance.below(7));
        let mut address = format!("{CALLBACK}?state={state}");
        let refusal = match (person, wrong) {
            (None, _) => Some((Kind::CallbackLoginRequired, "login_required")),
            (_, Some(0)) => Some((Kind::CallbackAccessDenied, "access_denied")),
            (_, Some(1)) => Some((Kind::CallbackServerError, "server_error")),
            _ => None,
        };
        if let Some((kind, error)) = refusal {
            self.tally.count(kind);
            address.push_str("&error=");
            address.push_str(error);
            if !self.provider.is_wristband {
                address.push_str("&iss=https%3A%2F%2Fid.example%2Frealm");
            }
            return address;
        }
        let code = self.provider.issue_code(request, person.unwrap_or(0), tenant, self.time);
        address.push_str("&code=");
        address.push_str(&text::secret(text::CODE, code));
        let host = text::host_and_path(request).map_or("", |(host, _)| host);
        // Only a login that asked for one tenant can tell that it was answered by another.
        let named = self.provider.tenant_at(host).flatten().is_some() && !DOMAINS.contains(&host);
        if self.provider.is_wristband {
            let other = wrong == Some(2) && named;
            if other && !self.config().allow_tenant_change() {
                self.poison(code, Poison::WrongTenant, Kind::CallbackOfWrongTenant);
            }
            let tenant = usize::from(tenant) ^ usize::from(other);
            address.push_str(if wrong == Some(3) { "&tenant_domain=" } else { "&tenant_name=" });
            address.push_str(TENANTS[tenant]);
            if self.provider.names_domain {
                address.push_str("&tenant_custom_domain=");
                address.push_str(DOMAINS[tenant]);
            }
        }
        match wrong {
            Some(4) => {
                self.poison(code, Poison::WrongIssuer, Kind::CallbackOfWrongIssuer);
                address.push_str("&iss=https%3A%2F%2Fevil.example");
            }
            Some(5) if !self.provider.is_wristband => self.poison(code, Poison::WrongIssuer, Kind::CallbackOfWrongIssuer),
            Some(6) => {
                self.tally.count(Kind::CallbackDamaged);
                self.provider.codes[code as usize].poison = Some(Poison::Forged);
                address.push_str("&state=again");
            }
            _ if !self.provider.is_wristband => address.push_str("&iss=https%3A%2F%2Fid.example%2Frealm"),
            _ => {}
        }
        address
    }

    fn poison(&mut self, code: u32, poison: Poison, kind: Kind) {
        self.tally.count(kind);
        self.say(|| format!("the callback lies: {poison:?}"));
        self.provider.codes[code as usize].poison = Some(poison);
    }
}

/// What the lie of an ID token says about the next one.
fn refusal_of(lie: Option<Kind>) -> Refusal {
    match lie {
        None | Some(Kind::LieMissing) => Refusal::None,
        Some(Kind::LieSignature | Kind::LieUnknownKey) => Refusal::Unexplained,
        Some(Kind::LieExpired | Kind::LieFuture | Kind::LieOld) => Refusal::Trouble,
        Some(_) => Refusal::Definitive,
    }
}

/// The provider has done nothing, and wants a proof with this nonce.
fn wants_nonce(purpose: &Purpose, nonce: String) -> (Response, News) {
    let (status, www_authenticate) = match purpose {
        Purpose::UserInfo => (401, Some(r#"DPoP error="use_dpop_nonce""#.to_owned())),
        _ => (400, None),
    };
    let body = Secret::new(r#"{"error":"use_dpop_nonce"}"#.to_owned());
    let response = Response { status, body, dpop_nonce: Some(nonce), www_authenticate, ..Response::default() };
    (response, News { wants_nonce: true, ..News::default() })
}

fn respond(status: u16, body: String, news: News) -> (Response, News) {
    (Response { status, body: Secret::new(body), retry_after: None, ..Response::default() }, news)
}

fn metadata(binds: bool) -> String {
    let at = |name: &str, path: &str| format!(r#""{name}":"{ISSUER}/{path}","#);
    [
        "{",
        &at("authorization_endpoint", "authorize"),
        &at("token_endpoint", "token"),
        &at("jwks_uri", "jwks"),
        &at("userinfo_endpoint", "userinfo"),
        &at("revocation_endpoint", "revoke"),
        &at("end_session_endpoint", "logout"),
        if binds { r#""dpop_signing_alg_values_supported":["ES256"],"# } else { "" },
        r#""authorization_response_iss_parameter_supported":true,"#,
        &format!(r#""issuer":"{ISSUER}"}}"#),
    ]
    .concat()
}

/// Hosts that belong to the provider, whichever request goes to them.
pub fn is_of_the_provider(host: &str, is_wristband: bool) -> bool {
    if !is_wristband {
        return host == "id.example";
    }
    let label = host.strip_suffix(VANITY).map(|label| label.strip_suffix(['-', '.']).unwrap_or(label));
    label.is_some_and(|label| !label.contains('.') && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// Whether this is the app's page that a login or a logout can lead to.
pub fn is_client(address: &str) -> bool {
    parameter(text::query(address), "client_id").is_none_or(|client| client == CLIENT)
}
