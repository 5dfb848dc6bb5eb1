//! A provider in memory: like Wristband, or a plain OpenID provider.

use core::time::Duration;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use wristband_spa_auth::protocol::http::{Request, Response};
use wristband_spa_auth::protocol::jwks::Algorithm;
use wristband_spa_auth::protocol::secret::Secret;
use wristband_spa_auth::session::Transport;

use super::address::{self, Address};
use super::clock::Clock;
use super::history::Sent;
use super::id_token::Draft;
use super::keys::{SigningKey, base64url};
use super::orders::Order;
use super::proofs::Proofs;
use super::token_endpoint::{Code, Family};
use super::{CLIENT, ISSUER, VANITY};

/// The provider's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Confirmation,
    Keys,
    Metadata,
    Pushed,
    Revocation,
    Token,
    UserInfo,
}

impl Endpoint {
    pub fn of(path: &str) -> Self {
        match path.rsplit('/').next().unwrap() {
            "jwks" | "keys" => Self::Keys,
            "metadata" | "openid-configuration" => Self::Metadata,
            "par" => Self::Pushed,
            "revoke" => Self::Revocation,
            "token" => Self::Token,
            "other-userinfo" | "userinfo" => Self::UserInfo,
            "validate" => Self::Confirmation,
            _ => panic!("a request to {path}"),
        }
    }
}

/// How a response goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The request never arrives.
    Network,
    /// The provider handles the request, and the response is lost.
    LostAnswer,
    /// The provider handles the request, and the response is cut off in the middle.
    Truncated,
    /// No response arrives in time.
    Timeout,
    /// This status, with this body.
    Status(u16, &'static str),
    /// This status, with a `Retry-After`.
    RetryAfter(u16, Duration),
}

pub const HTML: Fault = Fault::Status(200, "<!doctype html><title>Please sign in to the hotel's network</title>");

/// Whether the provider is Wristband.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    OpenId,
    Wristband,
}

type Edit<T> = Option<Box<dyn Fn(&mut T)>>;

pub struct Provider {
    pub clock: Clock,
    pub kind: Kind,
    /// The published keys. The last one signs.
    pub keys: Vec<SigningKey>,
    /// Whether the user's session at the provider is alive, and answers `prompt=none`.
    pub remembers_the_person: bool,
    pub subject: String,
    /// The tenant that the user chooses when the application itself is asked to authorize.
    pub chosen_tenant: String,
    pub custom_domains: BTreeMap<String, String>,
    /// Changes to the parameters of the next callbacks.
    pub callback_parameters: Vec<(&'static str, Option<String>)>,
    pub access_lifetime: Value,
    pub grants_refresh_tokens: bool,
    pub rotates: bool,
    pub id_token_on_renewal: bool,
    /// Whether every ID token carries the nonce of its login, and the hash of its access token.
    pub is_thorough: bool,
    pub metadata: Value,
    pub user_info: Value,
    /// Every secret that was issued or received, by kind.
    pub secrets: Vec<(&'static str, String)>,
    pub proofs: Proofs,
    /// How many times an already replaced refresh token was sent.
    pub reuses: usize,
    pub(super) codes: BTreeMap<String, Code>,
    pub(super) families: Vec<Family>,
    /// With their ends, and the thumbprints of the keys that they are bound to.
    pub(super) access_tokens: Vec<(String, i64, Option<String>)>,
    pub(super) id_token_edit: Edit<Draft>,
    pub(super) answer_edit: Edit<Value>,
    pub(super) orders: Vec<Order>,
    /// Keys that only orders use, by their descriptions.
    pub(super) drawer: BTreeMap<String, SigningKey>,
    faults: Vec<(Endpoint, Fault, usize)>,
    serial: u32,
}

impl Provider {
    pub fn new(kind: Kind) -> Self {
        Self {
            clock: Clock::default(),
            kind,
            keys: vec![SigningKey::new(Algorithm::Es256, "first")],
            remembers_the_person: true,
            subject: "user-1".to_owned(),
            chosen_tenant: "acme".to_owned(),
            custom_domains: BTreeMap::new(),
            callback_parameters: Vec::new(),
            access_lifetime: json!(1800),
            grants_refresh_tokens: true,
            rotates: true,
            id_token_on_renewal: true,
            is_thorough: false,
            metadata: metadata(),
            user_info: json!({"sub": "user-1", "tnt_id": "tenant-acme", "app_id": "app-1", "idp_name": "wristband"}),
            secrets: Vec::new(),
            proofs: Proofs { lifetime: 60, window: 60, ..Proofs::default() },
            reuses: 0,
            codes: BTreeMap::new(),
            families: Vec::new(),
            access_tokens: Vec::new(),
            id_token_edit: None,
            answer_edit: None,
            orders: Vec::new(),
            drawer: BTreeMap::new(),
            faults: Vec::new(),
            serial: 0,
        }
    }

    pub fn issuer(&self) -> String {
        match self.kind {
            Kind::OpenId => ISSUER.to_owned(),
            Kind::Wristband => format!("https://{VANITY}"),
        }
    }

    /// From now on every ID token is changed like this before it is signed.
    pub fn lies(&mut self, edit: impl Fn(&mut Draft) + 'static) {
        self.id_token_edit = Some(Box::new(edit));
    }

    /// From now on every response of the token endpoint is changed like this.
    pub fn answers_with(&mut self, edit: impl Fn(&mut Value) + 'static) {
        self.answer_edit = Some(Box::new(edit));
    }

    pub fn tells_the_truth(&mut self) {
        self.id_token_edit = None;
        self.answer_edit = None;
        self.orders.clear();
    }

    /// The next response of this endpoint goes wrong.
    pub fn fails(&mut self, endpoint: Endpoint, fault: Fault) {
        self.fails_often(endpoint, fault, 1);
    }

    pub fn fails_often(&mut self, endpoint: Endpoint, fault: Fault, times: usize) {
        self.faults.push((endpoint, fault, times));
    }

    /// The next response of this endpoint goes wrong, or does not.
    pub fn faults_for(&mut self, endpoint: Endpoint, fault: Option<&Fault>) {
        self.faults.extend(fault.map(|fault| (endpoint, fault.clone(), 1)));
    }

    pub fn recovers(&mut self) {
        self.faults.clear();
    }

    /// No access token issued so far is accepted any more.
    pub fn refuses_access_tokens(&mut self) {
        self.access_tokens.clear();
    }

    /// The refresh tokens that still work.
    pub fn living_refresh_tokens(&self) -> Vec<&str> {
        self.families.iter().filter(|family| !family.revoked).map(|family| family.current.as_str()).collect()
    }

    /// An administrator ends every session.
    pub fn revokes_everything(&mut self) {
        self.families.iter_mut().for_each(|family| family.revoked = true);
    }

    /// A new secret of this kind, too long to be mistaken for a word.
    pub(super) fn issue(&mut self, kind: &'static str) -> String {
        self.serial += 1;
        let hash = ring::digest::digest(&ring::digest::SHA256, &self.serial.to_be_bytes());
        let secret = format!("{kind}-{}", base64url(hash.as_ref()));
        self.secrets.push((kind, secret.clone()));
        secret
    }

    /// A user's browser comes to the authorization endpoint, and the user signs in. Returns the URL of the
    /// redirect back. What Wristband would answer with an error page fails the test.
    pub fn authorize(&mut self, address: &str) -> String {
        let address = self.resolved(address);
        let request = Address::parse(&address);
        assert_eq!(request.need("client_id"), CLIENT);
        assert_eq!(request.need("response_type"), "code");
        assert_eq!(request.need("code_challenge_method"), "S256");
        let tenant = self.tenant_of(request.host());
        let path = if self.kind == Kind::Wristband { "/api/v1/oauth2/authorize" } else { "/realm/authorize" };
        assert_eq!(request.path(), path);
        let state = request.need("state").to_owned();
        let nonce = request.need("nonce").to_owned();
        self.secrets.push(("nonce", nonce.clone()));
        let mut answer = vec![("state", state)];
        if request.get("prompt") == Some("none") && !self.remembers_the_person {
            answer.push(("error", "login_required".to_owned()));
        } else {
            let code = self.issue("code");
            let record = Code {
                challenge: request.need("code_challenge").to_owned(),
                nonce,
                dpop_jkt: request.get("dpop_jkt").map(str::to_owned),
                acr: request.get("acr_values").and_then(|values| values.split(' ').next()).map(str::to_owned),
                redirect_uri: request.need("redirect_uri").to_owned(),
                tenant: tenant.clone(),
                used: false,
            };
            self.codes.insert(code.clone(), record);
            answer.push(("code", code));
        }
        if let Some(tenant) = &tenant {
            answer.push(("tenant_name", tenant.clone()));
            let domain = self.custom_domains.iter().find(|(_, name)| *name == tenant);
            answer.extend(domain.map(|(domain, _)| ("tenant_custom_domain", domain.clone())));
        } else {
            answer.push(("iss", self.issuer()));
        }
        for (name, value) in &self.callback_parameters {
            answer.retain(|(n, _)| n != name);
            answer.extend(value.clone().map(|value| (*name, value)));
        }
        let answer = self.ordered_callback(answer);
        let redirect_uri = request.need("redirect_uri").replace("{tenant_name}", tenant.as_deref().unwrap_or_default());
        let answer: Vec<(&str, &str)> = answer.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        address::with(&redirect_uri, &answer)
    }

    fn tenant_of(&self, host: &str) -> Option<String> {
        if self.kind == Kind::OpenId {
            return None;
        }
        if host == VANITY {
            return Some(self.chosen_tenant.clone());
        }
        let own = host.strip_suffix(VANITY).and_then(|prefix| prefix.strip_suffix(['-', '.']));
        let tenant = own.map(str::to_owned).or_else(|| self.custom_domains.get(host).cloned());
        Some(tenant.unwrap_or_else(|| panic!("the browser was sent to a foreign host: {host}")))
    }

    /// Answers a request. The provider does its work before the response can get lost.
    pub fn answer(&mut self, request: &Request) -> Result<Response, Transport> {
        self.answer_with_proof(request, None)
    }

    pub fn answer_with_proof(&mut self, request: &Request, proof: Option<String>) -> Result<Response, Transport> {
        let sent = Sent { proof, ..Sent::of(request) };
        match self.next_fault(sent.endpoint) {
            None => match self.take_order(sent.endpoint) {
                Some(order) => self.answer_as_ordered(&order, &sent),
                None => Ok(self.serve(&sent)),
            },
            Some(Fault::Network) => Err(Transport::Failed),
            Some(Fault::Timeout) => Err(Transport::TimedOut),
            Some(Fault::LostAnswer) => {
                self.serve(&sent);
                Err(Transport::Failed)
            }
            Some(Fault::Truncated) => {
                let whole = self.serve(&sent);
                let text = whole.body.expose();
                Ok(response(whole.status, &text[..text.len() - 2]))
            }
            Some(Fault::Status(status, body)) => Ok(response(status, body)),
            Some(Fault::RetryAfter(status, pause)) => Ok(Response { retry_after: Some(pause), ..response(status, "") }),
        }
    }

    /// The public halves of the keys.
    pub(super) fn published(&self) -> Vec<Value> {
        self.keys.iter().map(SigningKey::jwk).collect()
    }

    fn next_fault(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let index = self.faults.iter().position(|(at, _, _)| *at == endpoint)?;
        let (_, fault, times) = &mut self.faults[index];
        let fault = fault.clone();
        *times -= 1;
        if *times == 0 {
            self.faults.remove(index);
        }
        Some(fault)
    }

    pub(super) fn serve(&mut self, request: &Sent) -> Response {
        match request.endpoint {
            Endpoint::Confirmation => {
                let question: Value = serde_json::from_str(request.json.as_deref().unwrap()).unwrap();
                let known = self.custom_domains.contains_key(question["tenantCustomDomain"].as_str().unwrap());
                response(200, &json!({"valid": known}).to_string())
            }
            Endpoint::Keys => response(200, &json!({"keys": self.published()}).to_string()),
            Endpoint::Metadata => response(200, &self.metadata.to_string()),
            Endpoint::Pushed => self.push(request),
            Endpoint::Revocation => {
                let token = request.field("token").unwrap();
                for family in self.families.iter_mut().filter(|family| family.has_had(token)) {
                    family.revoked = true;
                }
                response(200, "")
            }
            Endpoint::Token => self.token(request),
            Endpoint::UserInfo => {
                let now = self.clock.seconds();
                let sent = request.bearer.clone().unwrap_or_default();
                let found = self.access_tokens.iter().find(|(token, end, _)| *token == sent && now < *end).cloned();
                let Some((_, _, bound_to)) = found else { return response(401, "") };
                if bound_to.is_some() {
                    match self.check_proof(request, Some(&sent)) {
                        Err(refused) => return refused,
                        Ok(key) if key != bound_to => return response(401, ""),
                        Ok(_) => {}
                    }
                }
                Response { dpop_nonce: self.told_nonce(), ..response(200, &self.user_info.to_string()) }
            }
        }
    }
}

pub fn response(status: u16, body: &str) -> Response {
    Response { status, body: Secret::new(body.to_owned()), retry_after: None, ..Response::default() }
}

fn metadata() -> Value {
    let at = |path: &str| format!("{ISSUER}/{path}");
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": at("jwks"),
        "userinfo_endpoint": at("userinfo"),
        "revocation_endpoint": at("revoke"),
        "end_session_endpoint": at("logout"),
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}
