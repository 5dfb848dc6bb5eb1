//! The tenant custom domains that the application has confirmed, and those that it has not.

use core::time::Duration;

use crate::protocol::tenant::TenantCustomDomain;
use crate::protocol::time::{Deadline, Now};

/// The application's answer about a domain is cached for this long.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Links can name any number of domains; the oldest are removed.
const MAX_DOMAINS: usize = 16;

/// The application's answers, kept in memory only. A domain read from storage was never confirmed.
#[derive(Debug, Default)]
pub(super) struct ConfirmedDomains(Vec<Known>);

#[derive(Debug)]
struct Known {
    domain: TenantCustomDomain,
    is_valid: bool,
    until: Deadline,
}

impl ConfirmedDomains {
    /// Whether the application knows the domain. `None` if it was not asked recently.
    pub(super) fn get(&self, domain: &TenantCustomDomain, now: Now) -> Option<bool> {
        self.0.iter().find(|known| known.domain == *domain && !known.until.reached_on_either_clock(now)).map(|known| known.is_valid)
    }

    pub(super) fn insert(&mut self, domain: &TenantCustomDomain, is_valid: bool, now: Now) {
        self.0.retain(|known| known.domain != *domain && !known.until.reached_on_either_clock(now));
        if self.0.len() >= MAX_DOMAINS {
            self.0.remove(0);
        }
        self.0.push(Known { domain: domain.clone(), is_valid, until: Deadline::after(now, LIFETIME) });
    }
}
