//! Logout: clear the session, revoke the refresh token, then redirect.

use core::time::Duration;

use super::active_session::SessionKey;
use super::effect::Effect;
use super::input::CallId;
use super::login::Confirmation;
use super::options::Logout;
use super::state::Reason;
use super::{Expect, Outcome, Phase, Session};
use crate::protocol::config::Provider;
use crate::protocol::error::Code;
use crate::protocol::logout;
use crate::protocol::revoke;
use crate::protocol::secret::{RefreshToken, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::url::{HttpUrl, ReturnAddress};

/// The redirect waits at most this long for each response. A revocation continues without the page.
const LOGOUT_REQUEST_TIMEOUT: Duration = Duration::from_secs(3);

/// What is left to do after the session has been cleared.
#[derive(Debug)]
pub(super) struct LogoutFlow {
    call_id: CallId,
    back: Option<String>,
    state: Option<String>,
    tenant: Tenant,
}

impl Session {
    pub(super) fn logout(&mut self, call_id: CallId, logout: &Logout) {
        if let Err(error) = logout.check_lengths() {
            return self.fail(call_id, error);
        }
        self.epoch = self.epoch.next();
        self.logouts = self.logouts.next();
        let before = core::mem::replace(&mut self.phase, Phase::SignedOut(Reason::SignedOut));
        self.effects.push(Effect::ClearHint);
        self.forget_retries();
        let mut flow = Box::new(LogoutFlow {
            call_id,
            back: self.back_from_logout(logout),
            state: logout.state.clone(),
            tenant: self.last_tenant.clone(),
        });
        let Phase::SignedIn(active) = before else { return self.continue_logout(flow) };
        self.effects.push(Effect::AnnounceLogout(active.key()));
        self.fail_pending_calls(&active, &Code::NotSignedIn.into());
        flow.tenant = active.tenant.clone();
        self.last_tenant = active.tenant;
        match active.refresh_token {
            Some(token) => self.revoke(&token, Some(flow)),
            None => self.continue_logout(flow),
        }
    }

    /// The URL to which the provider sends the user after the logout.
    fn back_from_logout(&self, logout: &Logout) -> Option<String> {
        let own = logout.return_to.as_deref().zip(self.page.as_ref()).and_then(|(address, origin)| {
            let path = ReturnAddress::parse(address, origin)?;
            Some(origin.at(path.as_str()))
        });
        own.or_else(|| self.config.post_logout_url().map(HttpUrl::text))
    }

    /// The user logged out in another tab. This session ends in place; only the other tab is redirected.
    pub(super) fn signed_out_elsewhere(&mut self, session: &SessionKey) {
        if matches!(&self.phase, Phase::SignedIn(active) if active.key() == *session) {
            self.end_session(Reason::SignedOut, &Code::NotSignedIn.into());
        }
    }

    /// The URL that ends the provider's session, or the return URL. `None` if there is neither.
    fn logout_url(&self, flow: &LogoutFlow) -> Option<String> {
        let (back, state) = (flow.back.as_deref(), flow.state.as_deref());
        match (self.config.provider(), &self.metadata) {
            (Provider::Wristband(application), _) => {
                let tenant = flow.tenant.clone().or(application.default_tenant.clone());
                Some(logout::wristband(&self.config, application, &tenant, back, state))
            }
            (Provider::OpenId(_), Some(metadata)) => {
                logout::open_id(&self.config, metadata, back, state).or_else(|| flow.back.clone())
            }
            (Provider::OpenId(_), None) => flow.back.clone(),
        }
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
        if let Some(url) = self.logout_url(flow).filter(|_| self.online) {
            self.effects.push(Effect::Navigate { call_id: flow.call_id, url: Secret::new(url), keep_in_history: true });
        }
        self.done(flow.call_id);
    }

    /// Revokes a refresh token that will not be used.
    pub(super) fn revoke_unused(&mut self, refresh_token: Option<&RefreshToken>) {
        if let Some(token) = refresh_token {
            self.revoke(token, None);
        }
    }
}
