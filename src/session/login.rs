//! Logins: from the wish to the moment when the browser leaves.

use core::time::Duration;

use super::effect::Effect;
use super::input::{Ask, RequestId};
use super::options::Login;
use super::pending::{Pending, Record};
use super::{AwaitingMetadata, Expect, LOGIN_TIMEOUT, Outcome, Phase, RESTORE_TIMEOUT, Reason, Session};
use crate::protocol::authorize::{AuthorizationRequest, Prompt};
use crate::protocol::config::{Application, Provider};
use crate::protocol::error::{Code, Error};
use crate::protocol::form::Form;
use crate::protocol::http::Request;
use crate::protocol::json::Value;
use crate::protocol::jwks::JwkSet;
use crate::protocol::pkce::base64url;
use crate::protocol::secret::{CodeVerifier, Entropy, Nonce, Secret};
use crate::protocol::tenant::{self, Destination, Tenant, TenantName};
use crate::protocol::time::Deadline;
use crate::protocol::url::{HttpUrl, ReturnAddress};

/// A login on its way out.
#[derive(Debug)]
pub(super) struct Departure {
    ask: Ask,
    entropy: Entropy,
    epoch: u32,
    login: Login,
    /// Whether the provider has answered meanwhile.
    reached: bool,
    restoring: bool,
    return_to: Option<ReturnAddress>,
    tenant: Tenant,
}

impl Departure {
    /// The provider has answered.
    pub(super) fn reached(mut self: Box<Self>) -> Box<Self> {
        self.reached = true;
        self
    }

    /// Whether the library itself wants this, to restore a session.
    pub(super) fn is_restoring(&self) -> bool {
        self.restoring
    }

    /// Whether a user asked for this, and not the library or a page by itself.
    fn is_wanted_by_user(&self) -> bool {
        !self.restoring && !self.login.is_automatic()
    }

    /// The address of a destination where no code is asked for.
    fn to_elsewhere(&self, destination: Destination) -> Result<Secret, Error> {
        match destination {
            // Restoring never leads to a page that asks the person something.
            _ if self.restoring => Err(Code::LoginRequired.into()),
            Destination::ApplicationLogin(url) | Destination::Authorize(url) => Ok(Secret::new(url)),
            // The login route of the other origin has no parameters for these.
            Destination::TenantOrigin(_) if self.login.wanted_prompt().is_some() || self.login.wanted_age().is_some() => {
                let detail = "login: prompt and maxAge need a page of the tenant's own origin";
                Err(Error::with_detail(Code::ConfigInvalid, detail))
            }
            Destination::TenantOrigin(login_url) => Ok(Secret::new(self.passed_on(&login_url))),
        }
    }

    /// The app's login route of another origin, with what this login was to be.
    fn passed_on(&self, login_url: &str) -> String {
        let tenant = &self.tenant;
        let mut form = Form::default();
        form.put("tenant_name", tenant.name.as_ref().map(|name| name.as_str()));
        form.put("tenant_custom_domain", tenant.custom_domain.as_ref().map(|domain| domain.as_str()));
        form.put("login_hint", self.login.text("loginHint"));
        form.put("idp_hint", self.login.text("idpHint"));
        form.put("return_url", self.return_to.as_ref().map(ReturnAddress::as_str));
        form.append_to(login_url)
    }
}

impl Session {
    pub(super) fn login(&mut self, ask: Ask, login: Login, entropy: Entropy) {
        if let Err(error) = self.begin_login(ask, login, entropy) {
            self.fail(ask, error);
        }
    }

    pub(super) fn login_from_url(&mut self, ask: Ask, address: &str, entropy: Entropy) {
        let address = if address.len() > MAX_URL { "" } else { address };
        let login = HttpUrl::parse(address).ok_or_else(|| Error::with_detail(Code::CallbackInvalid, "address"));
        match login.and_then(|address| Login::from_address(&address)) {
            // Where the page's own host says which tenant it is, the address is not asked.
            Ok(login) if self.tenant_of_page().is_some() => self.login(ask, login.without_tenant_name(), entropy),
            Ok(login) => self.login(ask, login, entropy),
            Err(error) => self.fail(ask, error),
        }
    }

    fn tenant_of_page(&self) -> Option<TenantName> {
        let (Provider::Wristband(application), Some(page)) = (self.config.provider(), &self.page) else { return None };
        application.tenant_of(page)
    }

    fn begin_login(&mut self, ask: Ask, login: Login, entropy: Entropy) -> Result<(), Error> {
        login.check_lengths()?;
        if login.is_automatic() {
            match &self.phase {
                // The user has not asked for another try, and it would end like this one.
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
        let return_to = login.text("returnTo").and_then(|address| ReturnAddress::parse(address, origin));
        // Not back to the login route: that would only log in again.
        let return_to = return_to.or_else(|| login.by_address.then(|| redirect_uri.folder())?);
        let mut departure = Box::new(Departure {
            ask,
            entropy,
            epoch: self.epoch,
            login,
            reached: false,
            restoring: false,
            return_to,
            tenant: Tenant::default(),
        });
        let (name, domain) = (departure.login.text("tenantName"), departure.login.text("tenantCustomDomain"));
        let Provider::Wristband(_) = self.config.provider() else {
            // Other providers have no tenants; there is nobody to ask for one.
            if name.is_some() || domain.is_some() {
                return Err(Error::with_detail(Code::TenantInvalid, "this provider has no tenants"));
            }
            self.depart(departure);
            return Ok(());
        };
        departure.tenant = Tenant::parse(name, domain, &self.config)?;
        self.confirm_domain(departure);
        Ok(())
    }

    /// Begins the one redirect with which a session is restored.
    pub(super) fn begin_restoring(&mut self, ask: Ask, tenant: Tenant, here: String, entropy: Entropy) {
        let login = Login::new().prompt(Prompt::None);
        let return_to = ReturnAddress::from_path(here);
        self.confirm_domain(Box::new(Departure {
            ask,
            entropy,
            epoch: self.epoch,
            login,
            reached: false,
            restoring: true,
            return_to,
            tenant,
        }));
    }

    /// Asks the application whether a tenant custom domain is one of its tenants'. The domain can
    /// come from an address, and an address can come from anybody.
    fn confirm_domain(&mut self, departure: Box<Departure>) {
        match self.confirmation(&departure.tenant) {
            Confirmation::Ask(question) => self.fetch(question, Expect::Confirmation(departure)),
            Confirmation::Confirmed => self.depart(departure),
            Confirmation::Refused => self.domain_refused(departure, Code::TenantUnconfirmed.into()),
        }
    }

    /// What is known of the tenant's custom domain. The configuration's own domain is beyond doubt; what
    /// was read from storage is not.
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
        Confirmation::Ask(Request::post_json(url, ["{\"tenantCustomDomain\":\"", domain.as_str(), "\"}"].concat()))
    }

    /// Whether the application knows the tenant's custom domain, which it was asked about.
    pub(super) fn is_confirmed(&mut self, tenant: &Tenant, outcome: Outcome<'_>) -> Result<bool, Error> {
        let is_valid = outcome?.json()?.get("valid").and_then(Value::as_bool) == Some(true);
        if let Some(domain) = &tenant.custom_domain {
            self.confirmed_domains.insert(domain, is_valid, self.now);
        }
        Ok(is_valid)
    }

    pub(super) fn domain_confirmed(&mut self, departure: Box<Departure>, outcome: Outcome<'_>) {
        match self.is_confirmed(&departure.tenant, outcome) {
            Ok(true) => self.depart(departure),
            Ok(false) => self.domain_refused(departure, Code::TenantUnconfirmed.into()),
            Err(error) => self.domain_refused(departure, error),
        }
    }

    fn domain_refused(&mut self, mut departure: Box<Departure>, error: Error) {
        // A name leads to the tenant as well, by a domain that the application itself owns.
        departure.tenant.custom_domain = None;
        if departure.tenant.name.is_some() { self.depart(departure) } else { self.departure_failed(&departure, error) }
    }

    /// Goes on as soon as the authorization endpoint is known.
    pub(super) fn depart(&mut self, mut departure: Box<Departure>) {
        if self.needs_probe(&departure) {
            return self.probe(departure);
        }
        if let Err(error) = self.may_depart(&departure) {
            return self.departure_failed(&departure, error);
        }
        let Some(metadata) = &self.metadata else {
            return self.await_metadata(AwaitingMetadata::Departure(departure));
        };
        let destination = match self.config.provider() {
            Provider::OpenId(_) => {
                // A hint of other settings can name a tenant. This provider has none.
                departure.tenant = Tenant::default();
                Ok(Destination::Authorize(metadata.authorization_endpoint().to_owned()))
            }
            Provider::Wristband(application) => self.destination(application, &mut departure.tenant),
        };
        match destination {
            Ok(Destination::Authorize(endpoint)) => self.store_pending(departure, &endpoint),
            Ok(elsewhere) => match departure.to_elsewhere(elsewhere) {
                Ok(url) => self.leave(&departure, url),
                Err(error) => self.departure_failed(&departure, error),
            },
            Err(error) => self.departure_failed(&departure, error),
        }
    }

    /// Whether the provider has to answer before the browser is sent away.
    ///
    /// Where the device says that it is offline, and a user wants to log in, it may be wrong. And a page
    /// that restores a session automatically is of more use than the browser's page about a provider that
    /// cannot be reached.
    fn needs_probe(&self, departure: &Departure) -> bool {
        if departure.restoring {
            self.online && self.keys.is_none() && !departure.reached
        } else {
            !self.online && departure.is_wanted_by_user()
        }
    }

    /// Asks the provider for its keys or its metadata. The browser is sent away when it answers.
    fn probe(&mut self, departure: Box<Departure>) {
        let request = self.metadata.as_ref().map(|metadata| JwkSet::request(metadata.jwks_uri()));
        match request {
            Some(request) => self.fetch_within(request, PROBE_TIMEOUT, Expect::Probe(departure)),
            None => self.await_metadata(AwaitingMetadata::Departure(departure)),
        }
    }

    pub(super) fn probed(&mut self, departure: Box<Departure>, outcome: Outcome<'_>) {
        match outcome {
            Ok(response) if departure.restoring && response.status >= 500 => {
                self.departure_failed(&departure, Code::ProviderUnavailable.into());
            }
            Ok(response) => {
                if let (None, Ok(keys)) = (&self.keys, JwkSet::parse(response)) {
                    self.keys = Some(keys);
                }
                self.depart(departure.reached());
            }
            Err(error) => self.departure_failed(&departure, error),
        }
    }

    /// Whether the browser may still be sent away, after whatever had to be waited for.
    fn may_depart(&self, departure: &Departure) -> Result<(), Error> {
        match () {
            // A redirect would end on the browser's own error page.
            () if !self.online => Err(Code::Offline.into()),
            // Somebody logged out or in meanwhile: there is nothing left to restore.
            () if departure.restoring && departure.epoch != self.epoch => Err(Code::LoginRequired.into()),
            () => Ok(()),
        }
    }

    fn destination(&self, application: &Application, tenant: &mut Tenant) -> Result<Destination, Error> {
        let page = self.page.as_ref().ok_or_else(|| Error::with_detail(Code::ConfigInvalid, "no page was opened"))?;
        tenant::destination(&self.config, application, page, tenant)
    }

    fn store_pending(&mut self, departure: Box<Departure>, endpoint: &str) {
        let state = base64url(departure.entropy.part(0));
        let nonce = Nonce::new(base64url(departure.entropy.part(1)));
        let verifier = CodeVerifier::from_random(departure.entropy.part(2));
        let login = &departure.login;
        let url = AuthorizationRequest {
            endpoint,
            client_id: self.config.client_id(),
            redirect_uri: self.config.redirect_uri().as_str(),
            scope: self.config.scope(),
            state: &state,
            nonce: &nonce,
            verifier: &verifier,
            login_hint: login.text("loginHint"),
            idp_hint: login.text("idpHint"),
            prompt: login.wanted_prompt(),
            max_age: login.wanted_age(),
        }
        .to_url();
        let record = Record {
            automatic: login.is_automatic(),
            created_at: self.now.wall,
            max_age: login.wanted_age(),
            nonce,
            is_finished: false,
            owner: self.owner.clone(),
            restoring: departure.restoring,
            return_to: departure.return_to.clone(),
            tenant: departure.tenant.clone(),
            verifier,
        };
        let request = self.expect(Expect::Stored(departure, Secret::new(url)));
        self.effects.push(Effect::StorePending {
            request,
            key: Pending::key(&self.owner, &state),
            pending: Pending { record: Box::new(record) },
        });
    }

    pub(super) fn pending_stored(&mut self, request: RequestId, stored: Result<Vec<Pending>, Error>) {
        let Some(Expect::Stored(departure, url)) = self.take_expected(request) else { return };
        let goes_on = |others: Vec<Pending>| {
            let logins = others.iter().filter(|other| other.is_recent_automatic(&self.owner, self.now)).count();
            if departure.login.is_automatic() && logins >= MAX_AUTOMATIC { Err(Code::LoginLoop.into()) } else { Ok(()) }
        };
        match stored.and_then(goes_on).and_then(|()| self.may_depart(&departure)) {
            Ok(()) => self.leave(&departure, url),
            Err(error) => self.departure_failed(&departure, error),
        }
    }

    fn leave(&mut self, departure: &Departure, url: Secret) {
        let keep_in_history = !departure.restoring && departure.login.is_kept_in_history();
        self.login_until = Some(Deadline::after(self.now, LOGIN_TIMEOUT));
        if departure.restoring {
            self.away = true;
            self.restored_by = Some(Deadline::after(self.now, RESTORE_TIMEOUT));
        }
        self.effects.push(Effect::Navigate { ask: departure.ask, url, keep_in_history });
        self.done(departure.ask);
        if self.outlives_pages {
            self.warm_keys();
        }
    }

    /// The browser stays. An attempt to restore ends without noise.
    pub(super) fn departure_failed(&mut self, departure: &Departure, error: Error) {
        if departure.restoring {
            if matches!(self.phase, Phase::Loading) {
                self.phase = Phase::SignedOut(Reason::Expired);
            }
            self.done(departure.ask);
        } else {
            self.fail(departure.ask, error);
        }
    }
}

/// What is known of a tenant's custom domain.
#[derive(Debug)]
pub(super) enum Confirmation {
    /// The application has to be asked.
    Ask(Request),
    /// It knows the domain, or there is none.
    Confirmed,
    /// It said that it does not know the domain.
    Refused,
}

/// No server takes longer ones.
const MAX_URL: usize = 64 * 1024;

/// A page can start so many logins by itself within a minute. They can be those of several tabs.
const MAX_AUTOMATIC: usize = 5;

/// A user who clicked waits no longer than this to hear that the device is offline.
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
