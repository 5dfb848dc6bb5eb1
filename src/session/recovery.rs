//! Recovery: a login that cannot be finished is started again, once.
//!
//! Wristband's SDKs do the same for three callbacks: one whose `state` is not known here (a magic link that was
//! opened in another browser), `error=login_required` although a login page may be shown, and a code that the
//! token endpoint refuses with `invalid_grant`.

use super::counters::Logouts;
use super::input::CallId;
use super::login::LoginAttempt;
use super::options::Login;
use super::pending::{PendingLogin, Recovered};
use super::{Phase, Session};
use crate::protocol::authorize::Prompt;
use crate::protocol::callback::Callback;
use crate::protocol::config::Restore;
use crate::protocol::error::{Code, Error};
use crate::protocol::json::Value;
use crate::protocol::parameters::Parameters;
use crate::protocol::secret::Entropy;
use crate::protocol::tenant::Tenant;
use crate::protocol::url::ReturnAddress;

/// A login that starts again, and what it recovers from.
#[derive(Debug)]
pub(super) struct Recovery {
    /// Reported if the login cannot start again.
    pub(super) error: Error,
    pub(super) from: Recovered,
    /// The issuer of a foreign callback, which is checked as soon as the metadata is known \[RFC 9207 §2.4].
    pub(super) issuer: Option<Option<String>>,
    pub(super) logouts: Logouts,
    /// The tenant that the callback names.
    pub(super) tenant: Tenant,
}

/// A login that is to be started again.
#[derive(Debug)]
pub(super) struct Restart {
    pub(super) acr_values: Option<String>,
    pub(super) call_id: CallId,
    pub(super) custom_state: Option<Value>,
    pub(super) entropy: Entropy,
    pub(super) max_age: Option<u32>,
    pub(super) params: Parameters,
    pub(super) recovery: Recovery,
    pub(super) return_to: Option<ReturnAddress>,
    pub(super) tenant: Tenant,
}

impl Session {
    /// Whether a foreign callback may start a login. One with an error that a login would not resolve may not.
    pub(super) fn recovery_from(&self, callback: &Callback) -> Option<Recovery> {
        let is_recoverable = match &callback.outcome {
            Ok(_) => true,
            Err(refusal) => refusal.is("login_required"),
        };
        is_recoverable.then(|| Recovery {
            error: Code::StateUnknown.into(),
            from: Recovered::ForeignCallback,
            issuer: Some(callback.issuer.clone()),
            logouts: self.logouts,
            tenant: callback.tenant.clone(),
        })
    }

    /// Whether a login of this client that failed with this error starts again.
    pub(super) fn is_recoverable(&self, pending: &PendingLogin, error: &Error) -> bool {
        let fields = &pending.fields;
        let by_user = !fields.restoring && fields.recovery.is_none();
        let code = matches!(error.code(), Code::InvalidGrant | Code::LoginRequired);
        // An app that asked for no login page is told that one is needed.
        let prompts = error.code() != Code::LoginRequired || !fields.silent;
        by_user && code && prompts && self.can_recover()
    }

    /// Whether a page may be redirected now without the user's doing.
    pub(super) fn can_recover(&self) -> bool {
        self.online && self.config.restore() == Restore::Redirect && !matches!(self.phase, Phase::SignedIn(_))
    }

    /// Starts the login again.
    ///
    /// Anyone can forge a foreign callback, and can have planted a session of their own at the provider. So after
    /// one, the provider has to show its login page: the user is never signed in to an account that they have not
    /// seen.
    pub(super) fn recover(&mut self, restart: Restart) {
        let Restart { acr_values, call_id, custom_state, entropy, max_age, params, recovery, return_to, tenant } = restart;
        let login = Login { acr_values, automatic: true, custom_state, max_age, params, ..Login::new() };
        let shows_page = recovery.from == Recovered::ForeignCallback || recovery.error.code() == Code::LoginRequired;
        let login = if shows_page { login.prompt(Prompt::Login) } else { login };
        self.foreign_callbacks.retain(|(other, _)| *other != call_id);
        self.confirm_domain(Box::new(LoginAttempt::recovering(call_id, entropy, self.epoch, login, return_to, tenant, recovery)));
    }
}
