//! Logout: clear first, then revoke, then leave.

use core::time::Duration;

use super::effect::Effect;
use super::grant::SessionKey;
use super::input::Ask;
use super::login::Confirmation;
use super::options::Logout;
use super::state::Reason;
use super::{Expect, Outcome, Phase, Session};
use crate::protocol::config::Provider;
use crate::protocol::error::{Code, Error};
use crate::protocol::logout;
use crate::protocol::revoke;
use crate::protocol::secret::{RefreshToken, Secret};
use crate::protocol::tenant::Tenant;
use crate::protocol::url::{HttpUrl, ReturnAddress};

/// Leaving does not wait longer than this for an answer. A revocation goes on without the page.
const FAREWELL_TIMEOUT: Duration = Duration::from_secs(3);

/// What is left to do when the session is gone.
#[derive(Debug)]
pub(super) struct Farewell {
    ask: Ask,
    back: Option<String>,
    state: Option<String>,
    tenant: Tenant,
}

impl Session {
    pub(super) fn logout(&mut self, ask: Ask, logout: &Logout) {
        if let Err(error) = logout.check_lengths() {
            return self.fail(ask, error);
        }
        if logout.text("state").is_some_and(|state| state.len() > 512) {
            return self.fail(ask, Error::with_detail(Code::ConfigInvalid, "logout: state: 512 characters at the most"));
        }
        self.epoch = self.epoch.wrapping_add(1);
        self.logouts = self.logouts.wrapping_add(1);
        let before = core::mem::replace(&mut self.phase, Phase::SignedOut(Reason::SignedOut));
        self.effects.push(Effect::ClearHint);
        self.forget_retries();
        let mut farewell = Box::new(Farewell {
            ask,
            back: self.back_from_logout(logout),
            state: logout.text("state").map(str::to_owned),
            tenant: self.last_tenant.clone(),
        });
        let Phase::SignedIn(grant) = before else { return self.bid_farewell(farewell) };
        self.effects.push(Effect::AnnounceLogout(grant.key()));
        self.dismiss(&grant, &Code::NotSignedIn.into());
        farewell.tenant = grant.tenant.clone();
        self.last_tenant = grant.tenant;
        match grant.refresh_token {
            Some(token) => self.revoke(&token, Some(farewell)),
            None => self.bid_farewell(farewell),
        }
    }

    /// The address to which the provider sends the person after the logout.
    fn back_from_logout(&self, logout: &Logout) -> Option<String> {
        let own = logout.text("returnTo").zip(self.page.as_ref()).and_then(|(address, origin)| {
            let path = ReturnAddress::parse(address, origin)?;
            Some(origin.at(path.as_str()))
        });
        own.or_else(|| self.config.post_logout_url().map(HttpUrl::text))
    }

    /// Somebody logged out in another tab. This one follows, where it stands: the other leaves.
    pub(super) fn signed_out_elsewhere(&mut self, session: &SessionKey) {
        if matches!(&self.phase, Phase::SignedIn(grant) if grant.key() == *session) {
            self.end(Reason::SignedOut, &Code::NotSignedIn.into());
        }
    }

    /// Where the provider's own session ends. `None` when there is nowhere to go.
    fn logout_url(&self, farewell: &Farewell) -> Option<String> {
        let (back, state) = (farewell.back.as_deref(), farewell.state.as_deref());
        match (self.config.provider(), &self.metadata) {
            (Provider::Wristband(application), _) => {
                let tenant = farewell.tenant.clone().or(application.default_tenant.clone());
                Some(logout::wristband(&self.config, application, &tenant, back, state))
            }
            (Provider::OpenId(_), Some(metadata)) => {
                logout::open_id(&self.config, metadata, back, state).or_else(|| farewell.back.clone())
            }
            (Provider::OpenId(_), None) => farewell.back.clone(),
        }
    }

    /// Revokes a refresh token, now or when the device is online again.
    pub(super) fn revoke(&mut self, token: &RefreshToken, farewell: Option<Box<Farewell>>) {
        let endpoint = self.metadata.as_ref().and_then(|metadata| metadata.revocation_endpoint());
        let request = endpoint.map(|endpoint| revoke::revoke(endpoint, self.config.client_id(), token));
        match (request, farewell) {
            (Some(_), farewell) if !self.online => {
                self.unrevoked.push(token.clone());
                if let Some(farewell) = farewell {
                    self.bid_farewell(farewell);
                }
            }
            (Some(request), farewell) => self.fetch_within(request, FAREWELL_TIMEOUT, Expect::Revocation(farewell)),
            (None, Some(farewell)) => self.bid_farewell(farewell),
            (None, None) => {}
        }
    }

    /// Whatever came of the revocation, the person has logged out.
    pub(super) fn revoked(&mut self, farewell: Option<Box<Farewell>>) {
        if let Some(farewell) = farewell {
            self.bid_farewell(farewell);
        }
    }

    /// Leaves, unless the tenant's custom domain has to be confirmed first.
    fn bid_farewell(&mut self, mut farewell: Box<Farewell>) {
        match self.confirmation(&farewell.tenant) {
            Confirmation::Ask(question) if self.online => {
                self.fetch_within(question, FAREWELL_TIMEOUT, Expect::Farewell(farewell));
            }
            Confirmation::Confirmed => self.leave_for_logout(&farewell),
            Confirmation::Ask(_) | Confirmation::Refused => {
                farewell.tenant.custom_domain = None;
                self.leave_for_logout(&farewell);
            }
        }
    }

    pub(super) fn farewell_confirmed(&mut self, mut farewell: Box<Farewell>, outcome: Outcome<'_>) {
        if !self.is_confirmed(&farewell.tenant, outcome).unwrap_or(false) {
            farewell.tenant.custom_domain = None;
        }
        self.leave_for_logout(&farewell);
    }

    fn leave_for_logout(&mut self, farewell: &Farewell) {
        // Without a network the browser would end on its own error page: the person stays here.
        if let Some(url) = self.logout_url(farewell).filter(|_| self.online) {
            self.effects.push(Effect::Navigate { ask: farewell.ask, url: Secret::new(url), keep_in_history: true });
        }
        self.done(farewell.ask);
    }

    /// Makes worthless what was granted and will not be used.
    pub(super) fn discard(&mut self, refresh_token: Option<&RefreshToken>) {
        if let Some(token) = refresh_token {
            self.revoke(token, None);
        }
    }
}
