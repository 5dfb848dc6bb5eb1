//! Logout: clear the session, revoke the refresh token, then redirect.

use core::time::Duration;

use super::active_session::SessionKey;
use super::effect::{Answer, Effect};
use super::hint::SessionHint;
use super::input::CallId;
use super::login::Confirmation;
use super::options::Logout;
use super::state::Reason;
use super::{Expect, Outcome, Phase, Session};
use crate::protocol::config::{Application, MAX_URI_LEN, Provider};
use crate::protocol::error::{Code, Error};
use crate::protocol::logout::{self, EndedSession};
use crate::protocol::revoke;
use crate::protocol::secret::{RefreshToken, Secret};
use crate::protocol::tenant::{self, Tenant};
use crate::protocol::url::ReturnAddress;

/// The redirect waits at most this long for each response. A revocation continues without the page.
const LOGOUT_REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// What is left to do after the session has been cleared.
#[derive(Debug)]
pub(super) struct LogoutFlow {
    call_id: CallId,
    back: Option<Back>,
    ended: EndedSession,
    state: Option<String>,
    tenant: Tenant,
    /// Whether a user was signed in: if no tenant was named then, the application has a single one.
    was_signed_in: bool,
}

/// The page that the user returns to after the logout.
#[derive(Debug)]
struct Back {
    /// As registered with the provider, which replaces a placeholder by the tenant's name.
    registered: String,
    /// For a redirect without the provider.
    direct: Option<String>,
}

/// Where the browser is redirected.
#[derive(Debug)]
enum Destination {
    /// To a page of the app, or to one that ends no session.
    App(String),
    /// To the URL that ends the provider's session.
    Provider(String),
}

impl Session {
    pub(super) fn logout(&mut self, call_id: CallId, logout: &Logout) {
        if let Err(error) = logout.check_lengths() {
            return self.fail(call_id, error);
        }
        let tenant = match self.tenant_of_logout(logout) {
            Ok(tenant) => tenant,
            Err(error) => return self.fail(call_id, error),
        };
        self.epoch = self.epoch.next();
        self.logouts = self.logouts.next();
        self.last_active = None;
        let before = core::mem::replace(&mut self.phase, Phase::SignedOut(Reason::SignedOut));
        self.effects.push(Effect::ClearHint);
        self.forget_retries();
        let mut flow = Box::new(LogoutFlow {
            call_id,
            back: self.back_from_logout(logout),
            ended: EndedSession::default(),
            state: logout.state.clone(),
            tenant: tenant.clone().or(self.last_tenant.clone()),
            was_signed_in: matches!(before, Phase::SignedIn(_)),
        });
        let Phase::SignedIn(active) = before else { return self.continue_logout(flow) };
        self.effects.push(Effect::AnnounceLogout(active.key()));
        self.fail_pending_calls(&active, &Code::NotSignedIn.into());
        flow.tenant = tenant.or(active.tenant.clone());
        flow.ended = active.told_at_logout(&self.config);
        self.last_tenant = active.tenant;
        match active.refresh_token {
            Some(token) => self.revoke(&token, Some(flow)),
            None => self.continue_logout(flow),
        }
    }

    /// The tenant that the app names, if any.
    fn tenant_of_logout(&self, logout: &Logout) -> Result<Tenant, Error> {
        let (name, domain) = (logout.tenant_name.as_deref(), logout.tenant_custom_domain.as_deref());
        if matches!(self.config.provider(), Provider::OpenId(_)) && (name.is_some() || domain.is_some()) {
            return Err(Error::with_detail(Code::TenantInvalid, "this provider has no tenants"));
        }
        Tenant::parse(name, domain, &self.config)
    }

    /// The page to which the user returns after the logout.
    fn back_from_logout(&self, logout: &Logout) -> Option<Back> {
        let own = logout.return_to.as_deref().zip(self.page.as_ref()).and_then(|(address, origin)| {
            let path = ReturnAddress::parse(address, origin)?;
            let url = origin.at(path.as_str());
            (url.len() <= MAX_URI_LEN).then(|| Back { registered: url.clone(), direct: Some(url) })
        });
        own.or_else(|| {
            let url = self.config.post_logout_url()?;
            let direct = (!url.has_placeholder()).then(|| url.as_str().to_owned());
            Some(Back { registered: url.as_str().to_owned(), direct })
        })
    }

    /// The user logged out in another tab. This session ends in place; only the other tab is redirected.
    pub(super) fn signed_out_elsewhere(&mut self, session: &SessionKey) {
        if matches!(&self.phase, Phase::SignedIn(active) if active.key() == *session) {
            self.end_session(Reason::SignedOut, &Code::NotSignedIn.into());
        }
    }

    /// Where the browser is redirected. `None` if the user stays here.
    fn destination_of_logout(&self, flow: &LogoutFlow) -> Option<Destination> {
        let (back, state) = (flow.back.as_ref().map(|back| back.registered.as_str()), flow.state.as_deref());
        let direct = || Some(Destination::App(flow.back.as_ref()?.direct.clone()?));
        match (self.config.provider(), &self.metadata) {
            (Provider::Wristband(application), _) => {
                let of_page = self.page.as_ref().and_then(|page| application.tenant_of(page)).map(Tenant::named);
                let tenant = flow.tenant.clone().or(of_page.unwrap_or_default()).or(application.default_tenant.clone());
                if tenant.is_unknown() && !flow.was_signed_in {
                    return direct().or_else(|| Some(Destination::App(self.page_after_logout(application))));
                }
                Some(Destination::Provider(logout::wristband(&self.config, application, &tenant, back, state)))
            }
            (Provider::OpenId(provider), metadata) => {
                let url = logout::open_id(&self.config, provider, metadata.as_ref(), &flow.ended, back, state);
                url.map(Destination::Provider).or_else(direct)
            }
        }
    }

    /// The page to which Wristband's SDKs redirect if no tenant is known, so that no session can be ended: the
    /// app's login route, if the application itself authorizes, or else the application's login page.
    fn page_after_logout(&self, application: &Application) -> String {
        let login = self.config.login_url().filter(|url| application.application_authorization && !url.has_placeholder());
        login.map_or_else(|| tenant::application_login(&self.config, application), |url| url.as_str().to_owned())
    }

    /// Revokes a refresh token, now or when the device is online again.
    pub(super) fn revoke(&mut self, token: &RefreshToken, flow: Option<Box<LogoutFlow>>) {
        let endpoint = self.metadata.as_ref().and_then(|metadata| metadata.revocation_endpoint());
        let request = endpoint.map(|endpoint| revoke::revoke(endpoint, self.config.client_id(), token));
        match (request, flow) {
            (Some(_), flow) if !self.online => {
                self.unrevoked.push(token.clone());
                if let Some(flow) = flow {
                    self.continue_logout(flow);
                }
            }
            (Some(request), flow) => self.fetch_within(request, LOGOUT_REQUEST_TIMEOUT, Expect::Revocation(flow)),
            (None, Some(flow)) => self.continue_logout(flow),
            (None, None) => {}
        }
    }

    /// The user is logged out, whether or not the revocation succeeded.
    pub(super) fn revoked(&mut self, flow: Option<Box<LogoutFlow>>) {
        if let Some(flow) = flow {
            self.continue_logout(flow);
        }
    }

    /// Redirects, unless the tenant's custom domain has to be confirmed first.
    fn continue_logout(&mut self, mut flow: Box<LogoutFlow>) {
        match self.confirmation(&flow.tenant) {
            Confirmation::Needed(question) if self.online => {
                self.fetch_within(question, LOGOUT_REQUEST_TIMEOUT, Expect::LogoutDomain(flow));
            }
            Confirmation::Confirmed => self.navigate_to_logout(&flow),
            Confirmation::Needed(_) | Confirmation::Refused => {
                flow.tenant.custom_domain = None;
                self.navigate_to_logout(&flow);
            }
        }
    }

    pub(super) fn logout_domain_checked(&mut self, mut flow: Box<LogoutFlow>, outcome: Outcome<'_>) {
        if !self.is_confirmed(&flow.tenant, outcome).unwrap_or(false) {
            flow.tenant.custom_domain = None;
        }
        self.navigate_to_logout(&flow);
    }

    fn navigate_to_logout(&mut self, flow: &LogoutFlow) {
        // Without a network, the browser would show its own error page: the user stays here.
        let destination = self.destination_of_logout(flow).filter(|_| self.online);
        let ends_provider_session = matches!(destination, Some(Destination::Provider(_)));
        if !ends_provider_session && flow.was_signed_in {
            // Otherwise the next login would sign the same user in, without a password.
            self.must_ask = true;
            self.effects.push(Effect::WriteHint(SessionHint::over(Reason::SignedOut)));
        }
        if let Some(Destination::App(url) | Destination::Provider(url)) = destination {
            self.effects.push(Effect::Navigate { call_id: flow.call_id, url: Secret::new(url), keep_in_history: true });
        }
        self.answer(flow.call_id, Ok(Answer::LoggedOut { ends_provider_session }));
    }

    /// Revokes a refresh token that will not be used.
    pub(super) fn revoke_unused(&mut self, refresh_token: Option<&RefreshToken>) {
        if let Some(token) = refresh_token {
            self.revoke(token, None);
        }
    }
}
