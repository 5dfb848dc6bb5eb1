//! Logins: from the call to the redirect.

use core::time::Duration;

use super::counters::Epoch;
use super::effect::Effect;
use super::hint::SessionHint;
use super::input::{CallId, RequestId};
use super::options::Login;
use super::pending::{PendingFields, PendingLogin};
use super::recovery::Recovery;
use super::{AwaitingMetadata, Expect, LOGIN_TIMEOUT, Outcome, Phase, RESTORE_TIMEOUT, Reason, Restoring, Session};
use crate::protocol::authorize::{AuthorizationRequest, Prompt};
use crate::protocol::base64url::base64url;
use crate::protocol::config::{Application, Provider, Use};
use crate::protocol::error::{Code, Error};
use crate::protocol::form::Form;
use crate::protocol::http::Request;
use crate::protocol::json::Value;
use crate::protocol::jwks::JwkSet;
use crate::protocol::par;
use crate::protocol::secret::{CodeVerifier, Entropy, Nonce, Secret};
use crate::protocol::tenant::{self, Destination, Tenant, TenantName};
use crate::protocol::time::Deadline;
use crate::protocol::url::{HttpUrl, ReturnAddress};

/// A login that is being prepared, until the browser is redirected.
#[derive(Debug)]
pub(super) struct LoginAttempt {
    call_id: CallId,
    /// The thumbprint of the key that the code is to be bound to.
    pub(super) dpop_jkt: Option<String>,
    entropy: Entropy,
    epoch: Epoch,
    login: Login,
    /// Whether the provider has answered meanwhile.
    reached: bool,
    recovery: Option<Box<Recovery>>,
    restoring: bool,
    return_to: Option<ReturnAddress>,
    tenant: Tenant,
    /// The user whose session is restored.
    user: Option<String>,
}

impl LoginAttempt {
    /// A login that the library starts again.
    pub(super) fn recovering(
        call_id: CallId,
        entropy: Entropy,
        epoch: Epoch,
        login: Login,
        return_to: Option<ReturnAddress>,
        tenant: Tenant,
        recovery: Recovery,
    ) -> Self {
        let recovery = Some(Box::new(recovery));
        Self {
            call_id,
            dpop_jkt: None,
            entropy,
            epoch,
            login,
            reached: false,
            recovery,
            restoring: false,
            return_to,
            tenant,
            user: None,
        }
    }

    /// Notes that the provider has answered.
    pub(super) fn reached(mut self: Box<Self>) -> Box<Self> {
        self.reached = true;
        self
    }

    /// Whether the library started this login, so that pages wait for it.
    pub(super) fn is_started_by_library(&self) -> bool {
        self.restoring || self.recovery.is_some()
    }

    /// Whether an earlier login failed, and this one takes its place.
    pub(super) fn is_repeated(&self) -> bool {
        self.recovery.is_some()
    }

    /// Whether a user started this login, and not the library or a page automatically.
    pub(super) fn is_wanted_by_user(&self) -> bool {
        !self.restoring && !self.login.is_automatic()
    }

    /// Whether there are options that the login route of another origin has no parameters for.
    fn has_no_place_in_a_login_route(&self) -> bool {
        let Login { acr_values, max_age, params, prompt, .. } = &self.login;
        acr_values.is_some() || max_age.is_some() || !params.is_empty() || !prompt.is_empty()
    }

    /// The URL of a destination that is not an authorization endpoint.
    fn non_authorize_url(&self, destination: Destination) -> Result<Secret, Error> {
        match destination {
            // Restoring never leads to a page that asks the user for something.
            _ if self.restoring => Err(Code::LoginRequired.into()),
            Destination::ApplicationLogin(url) => Ok(Secret::new(self.application_login_url(&url))),
            Destination::Authorize(url) => Ok(Secret::new(url)),
            // The login route of the other origin has no parameters for these.
            Destination::TenantOrigin(_) if self.has_no_place_in_a_login_route() => {
                let detail = "login: prompt, maxAge and further parameters need a page of the tenant's own origin";
                Err(Error::with_detail(Code::ConfigInvalid, detail))
            }
            Destination::TenantOrigin(login_url) => Ok(Secret::new(self.login_route_url(&login_url))),
        }
    }

    /// The application's login page, which finds out the tenant and then redirects to the app's login route. The
    /// return URL travels as `state`, and a hint as `login_hint`.
    fn application_login_url(&self, login_page: &str) -> String {
        let return_to = self.return_to.as_ref().map(ReturnAddress::as_str).filter(|path| path.len() <= MAX_DISCOVERY_STATE);
        let mut form = Form::default();
        form.put("login_hint", self.login.login_hint.as_deref());
        form.put("state", return_to);
        form.append_to(login_page)
    }

    /// The app's login route on another origin, with the options of this login.
    fn login_route_url(&self, login_url: &str) -> String {
        let tenant = &self.tenant;
        let mut form = Form::default();
        form.put("tenant_name", tenant.name.as_ref().map(|name| name.as_str()));
        form.put("tenant_custom_domain", tenant.custom_domain.as_ref().map(|domain| domain.as_str()));
        form.put("login_hint", self.login.login_hint.as_deref());
        form.put("idp_hint", self.login.idp_hint.as_deref());
        form.put("return_url", self.return_to.as_ref().map(ReturnAddress::as_str));
        form.append_to(login_url)
    }
}

impl Session {
    pub(super) fn login(&mut self, call_id: CallId, login: Login, entropy: Entropy) {
        if let Err(error) = self.start_login(call_id, login, entropy) {
            self.fail(call_id, error);
        }
    }

    pub(super) fn login_from_url(&mut self, call_id: CallId, address: &str, entropy: Entropy) {
        let address = if address.len() > MAX_URL { "" } else { address };
        let login = HttpUrl::parse(address).ok_or_else(|| Error::with_detail(Code::CallbackInvalid, "address"));
        match login.and_then(|address| Login::from_url(&address)) {
            // If the page's host names the tenant, the tenant name in the URL is ignored.
            Ok(login) if self.tenant_of_page().is_some() => self.login(call_id, Login { tenant_name: None, ..login }, entropy),
            Ok(login) => self.login(call_id, login, entropy),
            Err(error) => self.fail(call_id, error),
        }
    }

    fn tenant_of_page(&self) -> Option<TenantName> {
        let (Provider::Wristband(application), Some(page)) = (self.config.provider(), &self.page) else { return None };
        application.tenant_of(page)
    }

    fn start_login(&mut self, call_id: CallId, login: Login, entropy: Entropy) -> Result<(), Error> {
        login.check()?;
        let login = if login.silent { Login { prompt: vec![Prompt::None], ..login } } else { login };
        if login.is_automatic() {
            match &self.phase {
                // The user has not asked for another attempt, and it would end like this one.
                Phase::Failed(error) => return Err(error.clone()),
                _ if !self.online => return Err(Code::Offline.into()),
                _ if self.interrupted => return Err(Code::VaultLost.into()),
                _ => {}
            }
        }
        let origin = self.page.as_ref().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "no page was opened"))?;
        let redirect_uri = self.config.redirect_uri();
        if !redirect_uri.has_placeholder() && redirect_uri.origin() != origin {
            return Err(Error::with_detail(
                Code::ConfigInvalid,
                "redirectUri: of another origin than the page, which could not finish the login",
            ));
        }
        let parse = |address: &Option<String>| ReturnAddress::parse(address.as_deref()?, origin);
        let return_to = parse(&login.return_to).or_else(|| parse(&login.page));
        // Not back to the login route: that would only log in again.
        let return_to = return_to.or_else(|| login.from_url.then(|| redirect_uri.folder())?);
        let silent = login.silent;
        let mut attempt = Box::new(LoginAttempt {
            call_id,
            dpop_jkt: None,
            entropy,
            epoch: self.epoch,
            login,
            reached: false,
            recovery: None,
            restoring: silent,
            return_to,
            tenant: Tenant::default(),
            user: None,
        });
        let (name, domain) = (attempt.login.tenant_name.as_deref(), attempt.login.tenant_custom_domain.as_deref());
        let Provider::Wristband(_) = self.config.provider() else {
            // Other providers have no tenants.
            if name.is_some() || domain.is_some() {
                return Err(Error::with_detail(Code::TenantInvalid, "this provider has no tenants"));
            }
            self.continue_login(attempt);
            return Ok(());
        };
        attempt.tenant = Tenant::parse(name, domain, &self.config)?;
        self.confirm_domain(attempt);
        Ok(())
    }

    /// Starts the redirect that restores a session.
    pub(super) fn start_restoring(&mut self, call_id: CallId, hint: &SessionHint, here: String, entropy: Entropy) {
        let login = Login { login_hint: hint.login_hint.clone(), ..Login::new().prompt(Prompt::None) };
        let return_to = ReturnAddress::from_path(here);
        self.confirm_domain(Box::new(LoginAttempt {
            call_id,
            dpop_jkt: None,
            entropy,
            epoch: self.epoch,
            login,
            reached: false,
            recovery: None,
            restoring: true,
            return_to,
            tenant: hint.tenant.clone(),
            user: hint.user.clone(),
        }));
    }

    /// Asks the application whether a custom domain belongs to one of its tenants. The domain can
    /// come from a URL, and a URL can come from anyone.
    pub(super) fn confirm_domain(&mut self, attempt: Box<LoginAttempt>) {
        match self.confirmation(&attempt.tenant) {
            Confirmation::Needed(question) => self.fetch(question, Expect::Confirmation(attempt)),
            Confirmation::Confirmed => self.continue_login(attempt),
            Confirmation::Refused => self.skip_custom_domain(attempt),
        }
    }

    /// Whether the tenant's custom domain is confirmed. The configuration's own domain is trusted; one
    /// that was read from storage is not.
    pub(super) fn confirmation(&self, tenant: &Tenant) -> Confirmation {
        let Provider::Wristband(application) = self.config.provider() else { return Confirmation::Confirmed };
        let Some(domain) = &tenant.custom_domain else { return Confirmation::Confirmed };
        if tenant.custom_domain == application.default_tenant.custom_domain {
            return Confirmation::Confirmed;
        }
        match self.confirmed_domains.get(domain, self.now) {
            Some(true) => return Confirmation::Confirmed,
            Some(false) => return Confirmation::Refused,
            None => {}
        }
        let url = application.origin().at("/api/v1/custom-domains/validate");
        // A host name has no character that JSON escapes.
        Confirmation::Needed(Request::post_json(url, ["{\"tenantCustomDomain\":\"", domain.as_str(), "\"}"].concat()))
    }

    /// Reads the application's answer: whether it knows the tenant's custom domain.
    pub(super) fn is_confirmed(&mut self, tenant: &Tenant, outcome: Outcome<'_>) -> Result<bool, Error> {
        let is_valid = outcome?.json()?.get("valid").and_then(Value::as_bool) == Some(true);
        if let Some(domain) = &tenant.custom_domain {
            self.confirmed_domains.insert(domain, is_valid, self.now);
        }
        Ok(is_valid)
    }

    pub(super) fn domain_confirmed(&mut self, attempt: Box<LoginAttempt>, outcome: Outcome<'_>) {
        if self.is_confirmed(&attempt.tenant, outcome).unwrap_or(false) {
            self.continue_login(attempt);
        } else {
            self.skip_custom_domain(attempt);
        }
    }

    /// A domain that the application has not confirmed gets no redirect. As in Wristband's SDKs, the login
    /// goes on with the tenant's name, the page's subdomain or the default.
    fn skip_custom_domain(&mut self, mut attempt: Box<LoginAttempt>) {
        attempt.tenant.custom_domain = None;
        self.continue_login(attempt);
    }

    /// Continues as soon as the authorization endpoint is known.
    pub(super) fn continue_login(&mut self, mut attempt: Box<LoginAttempt>) {
        if self.needs_probe(&attempt) {
            return self.probe(attempt);
        }
        if let Err(error) = self.check_can_redirect(&attempt) {
            return self.login_failed(&attempt, error);
        }
        let Some(metadata) = &self.metadata else {
            return self.await_metadata(AwaitingMetadata::Login(attempt));
        };
        if let Some(issuer) = attempt.recovery.as_ref().and_then(|recovery| recovery.issuer.as_ref())
            && let Err(error) = metadata.check_callback_issuer(issuer.as_deref())
        {
            return self.login_failed(&attempt, error);
        }
        let destination = match self.config.provider() {
            Provider::OpenId(_) => {
                // A hint from other settings can name a tenant. This provider has none.
                attempt.tenant = Tenant::default();
                Ok(Destination::Authorize(metadata.authorization_endpoint().to_owned()))
            }
            Provider::Wristband(application) => self.destination(application, &mut attempt.tenant),
        };
        match destination {
            Ok(Destination::Authorize(endpoint)) => match self.code_is_bound(&attempt) {
                Ok(Some(algorithm)) => self.make_key(attempt, algorithm),
                Ok(None) => self.store_pending(attempt, endpoint),
                Err(error) => self.login_failed(&attempt, error),
            },
            Ok(elsewhere) => match attempt.non_authorize_url(elsewhere) {
                Ok(url) => self.navigate_to_provider(&attempt, url),
                Err(error) => self.login_failed(&attempt, error),
            },
            Err(error) => self.login_failed(&attempt, error),
        }
    }

    /// Whether the provider has to answer before the browser is redirected.
    ///
    /// If a user logs in while the device reports that it is offline, the device may be wrong. If a session
    /// is restored automatically, the app's page is of more use than the browser's error page about a
    /// provider that cannot be reached.
    fn needs_probe(&self, attempt: &LoginAttempt) -> bool {
        if attempt.restoring {
            self.online && self.keys.is_none() && !attempt.reached
        } else {
            !self.online && attempt.is_wanted_by_user()
        }
    }

    /// Requests the provider's keys or metadata. The browser is redirected when the provider answers.
    fn probe(&mut self, attempt: Box<LoginAttempt>) {
        let request = self.metadata.as_ref().map(|metadata| JwkSet::request(metadata.jwks_uri()));
        match request {
            Some(request) => self.fetch_within(request, PROBE_TIMEOUT, Expect::Probe(attempt)),
            None => self.await_metadata(AwaitingMetadata::Login(attempt)),
        }
    }

    pub(super) fn probed(&mut self, attempt: Box<LoginAttempt>, outcome: Outcome<'_>) {
        match outcome {
            Ok(response) if attempt.restoring && response.status >= 500 => {
                self.login_failed(&attempt, Code::ProviderUnavailable.into());
            }
            Ok(response) => {
                if let (None, Ok(keys)) = (&self.keys, JwkSet::parse(response)) {
                    self.keys = Some(keys);
                }
                self.continue_login(attempt.reached());
            }
            Err(error) => self.login_failed(&attempt, error),
        }
    }

    /// Checks whether the browser may still be redirected, after any waiting.
    fn check_can_redirect(&self, attempt: &LoginAttempt) -> Result<(), Error> {
        if !self.online {
            // A redirect would end on the browser's own error page.
            return Err(Code::Offline.into());
        }
        let shows_none = attempt.login.prompt.contains(&Prompt::None) && !attempt.is_started_by_library();
        if self.must_ask && (attempt.login.silent || (shows_none && self.has_ended_idle)) {
            // The provider's session may still be the one that has ended here.
            return Err(Code::LoginRequired.into());
        }
        if attempt.recovery.as_ref().is_some_and(|recovery| recovery.logouts != self.logouts) {
            return Err(Code::NotSignedIn.into());
        }
        if attempt.restoring && attempt.epoch != self.epoch {
            // The user logged out or in meanwhile: there is nothing left to restore.
            return Err(Code::LoginRequired.into());
        }
        Ok(())
    }

    /// The scopes to ask this provider for.
    fn scope(&self) -> String {
        let asked = self.config.scope();
        self.metadata.as_ref().map_or_else(|| asked.to_owned(), |metadata| metadata.scope_of(asked))
    }

    fn destination(&self, application: &Application, tenant: &mut Tenant) -> Result<Destination, Error> {
        let page = self.page.as_ref().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "no page was opened"))?;
        tenant::destination(&self.config, application, page, tenant)
    }

    /// The pages that the provider shows. The provider's session may still be the one that has ended here.
    fn prompt_of(&self, attempt: &LoginAttempt) -> Vec<Prompt> {
        let own = &attempt.login.prompt;
        let asks = self.must_ask && (own.is_empty() || self.has_ended_idle) && !attempt.is_started_by_library();
        let added = (asks && !own.contains(&Prompt::Login)).then_some(Prompt::Login);
        added.into_iter().chain(own.iter().copied()).collect()
    }

    fn store_pending(&mut self, attempt: Box<LoginAttempt>, endpoint: String) {
        let push_endpoint = match self.push_endpoint() {
            Ok(endpoint) => endpoint,
            Err(error) => return self.login_failed(&attempt, error),
        };
        let state = base64url(attempt.entropy.part(0));
        let nonce = Nonce::new(base64url(attempt.entropy.part(1)));
        let verifier = CodeVerifier::from_random(attempt.entropy.part(2));
        let login = &attempt.login;
        // The provider's session may still be the one that the user has ended here.
        let prompt = self.prompt_of(&attempt);
        let mut params = login.params.or(self.config.authorization_params());
        if let Some(hint) = &login.idp_hint {
            // The login's own hint replaces one of the settings: no parameter may occur twice.
            params.set("idp_hint", [hint]);
        }
        if let Some(acr_values) = &login.acr_values {
            params.set("acr_values", [acr_values]);
        }
        let asked = AuthorizationRequest {
            endpoint: &endpoint,
            client_id: self.config.client_id(),
            redirect_uri: self.config.redirect_uri().as_str(),
            scope: &self.scope(),
            state: &state,
            nonce: &nonce,
            verifier: &verifier,
            login_hint: login.login_hint.as_deref(),
            prompt: &prompt,
            max_age: login.max_age,
            dpop_jkt: attempt.dpop_jkt.as_deref(),
            params,
        };
        let redirect = match push_endpoint {
            None => Redirect::Direct(Secret::new(asked.to_url())),
            Some(push_endpoint) => {
                let request = par::request(&push_endpoint, asked.to_form().into_secret());
                Redirect::Pushed { request, endpoint: endpoint.clone() }
            }
        };
        let fields = PendingFields {
            acr_values: login.acr_values.clone(),
            automatic: login.is_automatic(),
            created_at: self.now.wall,
            custom_state: login.custom_state.clone(),
            dpop_jkt: attempt.dpop_jkt.clone(),
            max_age: login.max_age,
            nonce,
            is_finished: false,
            client_fingerprint: self.client_fingerprint.clone(),
            params: login.params.clone(),
            recovery: attempt.recovery.as_ref().map(|recovery| recovery.from),
            restoring: attempt.restoring,
            return_to: attempt.return_to.clone(),
            silent: login.prompt.contains(&Prompt::None),
            tenant: attempt.tenant.clone(),
            user: attempt.user.clone(),
            verifier,
        };
        let request = self.expect(Expect::Stored(attempt, Box::new(redirect)));
        self.effects.push(Effect::StorePending {
            request,
            key: PendingLogin::key(&self.client_fingerprint, &state),
            pending: PendingLogin { fields: Box::new(fields) },
        });
    }

    pub(super) fn pending_stored(&mut self, request: RequestId, stored: Result<Vec<PendingLogin>, Error>) {
        let Some(Expect::Stored(attempt, redirect)) = self.take_expected(request) else { return };
        let goes_on = |others: Vec<PendingLogin>| {
            let logins = others.iter().filter(|other| other.is_recent_automatic(&self.client_fingerprint, self.now)).count();
            if attempt.login.is_automatic() && logins >= MAX_AUTOMATIC {
                return Err(Code::LoginLoop.into());
            }
            let fingerprint = &self.client_fingerprint;
            let is_repeated = |other: &PendingLogin| {
                let recovers = attempt.recovery.is_some() && other.is_recent_recovery(fingerprint, self.now);
                recovers || (attempt.login.silent && other.is_recent_silent(fingerprint, self.now))
            };
            if others.iter().any(is_repeated) { Err(Code::LoginRequired.into()) } else { Ok(()) }
        };
        match stored.and_then(goes_on).and_then(|()| self.check_can_redirect(&attempt)) {
            Ok(()) => match *redirect {
                Redirect::Direct(url) => self.navigate_to_provider(&attempt, url),
                Redirect::Pushed { request, endpoint } => self.fetch(request, Expect::Pushed(attempt, endpoint)),
            },
            Err(error) => self.login_failed(&attempt, error),
        }
    }

    /// Where authorization requests are pushed to. `None` if the browser carries them.
    fn push_endpoint(&self) -> Result<Option<String>, Error> {
        let metadata = self.metadata.as_ref().ok_or(Code::MetadataInvalid)?;
        let is_wanted = match self.config.par() {
            None => metadata.requires_pushed_requests(),
            Some(Use::Off) => return Ok(None),
            Some(_) => true,
        };
        let endpoint = metadata.pushed_authorization_request_endpoint().map(str::to_owned).filter(|_| is_wanted);
        let is_missed = self.config.par() == Some(Use::Required) || metadata.requires_pushed_requests();
        if is_missed && endpoint.is_none() { Err(Code::ParUnsupported.into()) } else { Ok(endpoint) }
    }

    /// The provider has taken the authorization request, or refuses it. It is never sent in another way then.
    pub(super) fn pushed(&mut self, attempt: &LoginAttempt, endpoint: &str, outcome: Outcome<'_>) {
        let url = outcome.and_then(|response| par::redirect(response, endpoint, self.config.client_id()));
        match url.and_then(|url| self.check_can_redirect(attempt).map(|()| url)) {
            Ok(url) => self.navigate_to_provider(attempt, url),
            Err(error) => self.login_failed(attempt, error),
        }
    }

    fn navigate_to_provider(&mut self, attempt: &LoginAttempt, url: Secret) {
        let keep_in_history = !attempt.restoring && attempt.login.is_kept_in_history();
        self.login_until = Some(Deadline::after(self.now, LOGIN_TIMEOUT));
        if attempt.is_started_by_library() {
            self.restoring = Restoring::Redirected(Deadline::after(self.now, RESTORE_TIMEOUT));
        }
        self.effects.push(Effect::Navigate { call_id: attempt.call_id, url, keep_in_history });
        self.done(attempt.call_id);
        if self.survives_navigation {
            self.warm_keys();
        }
    }

    /// The browser is not redirected. An attempt to restore a session fails silently.
    pub(super) fn login_failed(&mut self, attempt: &LoginAttempt, error: Error) {
        if let Some(recovery) = &attempt.recovery {
            return self.sign_in_failed(attempt.call_id, recovery.logouts, recovery.error.clone());
        }
        if attempt.restoring {
            if matches!(self.phase, Phase::Loading) {
                self.phase = Phase::SignedOut(Reason::Expired);
            }
            self.done(attempt.call_id);
        } else {
            self.fail(attempt.call_id, error);
        }
    }
}

/// How the provider gets an authorization request.
#[derive(Debug)]
pub(super) enum Redirect {
    /// The browser carries it in this URL.
    Direct(Secret),
    /// It is pushed with this request, and the browser is redirected to this endpoint with a reference.
    Pushed { request: Request, endpoint: String },
}

/// Whether a tenant's custom domain is confirmed.
#[derive(Debug)]
pub(super) enum Confirmation {
    /// The application has to be asked.
    Needed(Request),
    /// The application knows the domain, or there is none.
    Confirmed,
    /// The application does not know the domain.
    Refused,
}

/// The longest URL that is read, in bytes. No server accepts a longer one.
const MAX_URL: usize = 64 * 1024;

/// At most this many logins start automatically within a minute, counted over all tabs.
const MAX_AUTOMATIC: usize = 5;

/// After a click, the user learns within this time that the device is offline.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);

/// Wristband's SDKs send no longer return URL through the application's login page.
const MAX_DISCOVERY_STATE: usize = 450;
