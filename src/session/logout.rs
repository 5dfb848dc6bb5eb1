//! Logout: clear first, then revoke, then leave.

use core::time::Duration;

use super::effect::{Answer, Effect};
use super::grant::Grant;
use super::input::Ask;
use super::state::Reason;
use super::{Expect, Phase, Session};
use crate::protocol::config::Provider;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::logout;
use crate::protocol::revoke;
use crate::protocol::secret::RefreshToken;
use crate::protocol::tenant::Tenant;
use crate::protocol::token::TokenResponse;
use crate::protocol::url::ReturnAddress;

/// Leaving does not wait longer than this for the revocation. The request goes on without the page.
const REVOCATION_TIMEOUT: Duration = Duration::from_secs(3);

/// How somebody logs out. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logout {
    return_to: Option<String>,
    state: Option<String>,
}

impl Logout {
    /// To the address of the configuration, or the provider's own choice.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the person ends up: a path of the app, or an address of its origin. Anything else is
    /// dropped. The whole address has to be registered with the provider.
    #[must_use]
    pub fn return_to(self, address: impl Into<String>) -> Self {
        Self { return_to: Some(address.into()), ..self }
    }

    /// Comes back with the person, as `state`. 512 characters at the most.
    #[must_use]
    pub fn state(self, state: impl Into<String>) -> Self {
        Self { state: Some(state.into()), ..self }
    }

    /// Reads an object with the names that the JavaScript face uses.
    ///
    /// # Errors
    /// `config_invalid`, naming what is unknown or of another type.
    pub fn from_json(options: &Value) -> Result<Self, Error> {
        let mut logout = Self::default();
        for (name, value) in options.members() {
            let text = value.as_str().map(str::to_owned);
            match (name, text) {
                (_, None) if *value == Value::Null => {}
                ("returnTo", Some(text)) => logout.return_to = Some(text),
                ("state", Some(text)) => logout.state = Some(text),
                _ => {
                    let detail = ["logout: ", name, ": unknown, or not of the right type"].concat();
                    return Err(Error::with_detail(Code::ConfigInvalid, detail));
                }
            }
        }
        Ok(logout)
    }
}

/// What is left to do when the revocation is over.
#[derive(Debug)]
pub(super) struct Farewell {
    ask: Ask,
    url: Option<String>,
}

impl Session {
    pub(super) fn logout(&mut self, ask: Ask, logout: &Logout) {
        if logout.state.as_ref().is_some_and(|state| state.len() > 512) {
            return self.answer(ask, Err(Error::with_detail(Code::ConfigInvalid, "logout: state: 512 characters at the most")));
        }
        self.epoch = self.epoch.wrapping_add(1);
        let before = core::mem::replace(&mut self.phase, Phase::SignedOut(Reason::SignedOut));
        self.effects.push(Effect::ClearHint);
        let mut grant = if let Phase::SignedIn(grant) = before { Some(*grant) } else { None };
        let tenant = grant.as_ref().map_or_else(|| self.last_tenant.clone(), |grant| grant.tenant.clone());
        let url = self.logout_url(&tenant, logout);
        self.last_tenant = Tenant::default();
        for waiter in grant.iter().flat_map(|grant| &grant.renewal.waiting) {
            self.effects.push(Effect::Answer { ask: waiter.ask, answer: Err(Code::NotSignedIn.into()) });
        }
        let refresh_token = grant.as_mut().and_then(|grant| grant.refresh_token.take());
        let farewell = Farewell { ask, url };
        match refresh_token {
            Some(token) => self.revoke(&token, Some(farewell)),
            None => self.bid_farewell(farewell),
        }
    }

    /// Where the provider's own session ends. `None` when there is nowhere to go.
    fn logout_url(&self, tenant: &Tenant, logout: &Logout) -> Option<String> {
        let own = logout.return_to.as_deref().zip(self.page.as_ref()).and_then(|(address, origin)| {
            let path = ReturnAddress::parse(address, origin)?;
            Some([&origin.to_string(), path.as_str()].concat())
        });
        let back = own.or_else(|| self.config.post_logout_url().map(ToString::to_string));
        match (self.config.provider(), &self.metadata) {
            (Provider::Wristband(application), _) => {
                let tenant = tenant.clone().or(application.default_tenant.clone());
                Some(logout::wristband(&self.config, application, &tenant, back.as_deref(), logout.state.as_deref()))
            }
            (Provider::OpenId(_), Some(metadata)) => {
                logout::open_id(&self.config, metadata, back.as_deref(), logout.state.as_deref()).or(back)
            }
            (Provider::OpenId(_), None) => back,
        }
    }

    /// Revokes a refresh token, now or when the device is online again.
    pub(super) fn revoke(&mut self, token: &RefreshToken, farewell: Option<Farewell>) {
        let endpoint = self.metadata.as_ref().and_then(|metadata| metadata.revocation_endpoint());
        let request = endpoint.map(|endpoint| revoke::revoke(endpoint, self.config.client_id(), token));
        match (request, farewell) {
            (Some(_), farewell) if !self.online => {
                self.unrevoked.push(token.clone());
                if let Some(farewell) = farewell {
                    self.bid_farewell(farewell);
                }
            }
            (Some(request), farewell) => self.fetch_within(request, REVOCATION_TIMEOUT, Expect::Revocation(farewell)),
            (None, Some(farewell)) => self.bid_farewell(farewell),
            (None, None) => {}
        }
    }

    /// Whatever came of the revocation, the person has logged out.
    pub(super) fn revoked(&mut self, farewell: Option<Farewell>) {
        if let Some(farewell) = farewell {
            self.bid_farewell(farewell);
        }
    }

    fn bid_farewell(&mut self, farewell: Farewell) {
        // Without a network the browser would end on its own error page: the person stays here.
        if let Some(url) = farewell.url.filter(|_| self.online) {
            self.effects.push(Effect::Navigate { ask: farewell.ask, url });
        }
        self.answer(farewell.ask, Ok(Answer::Done));
    }

    /// Makes worthless what was granted and will not be used.
    pub(super) fn discard(&mut self, tokens: &TokenResponse) {
        if let Some(token) = &tokens.refresh_token {
            self.revoke(token, None);
        }
    }

    /// Makes worthless what a session had.
    pub(super) fn revoke_all(&mut self, grant: Grant) {
        if let Some(token) = &grant.refresh_token {
            self.revoke(token, None);
        }
    }
}
